package builder

// Observer is told how a build goes. It has no part in what is built, and the
// clock is its own; each function may be nil.
type Observer struct {
	Stage func(name string)                   // begins; "" when the last one is done
	Page  func(path string) (rendered func()) // is about to be rendered; by many goroutines
}

func (o Observer) stage(name string) {
	if o.Stage != nil {
		o.Stage(name)
	}
}

func (o Observer) page(path string) (rendered func()) {
	if o.Page == nil {
		return func() {}
	}
	return o.Page(path)
}
