package builder

// Observer is told how a build goes. It has no part in what is built, and the
// clock is its own; each function may be nil.
type Observer struct {
	Stage func(name string)                   // begins; "" when the last one is done
	Found func(files int)                     // so many are there to be made pages of
	Page  func(path string) (rendered func()) // is about to be rendered; by many goroutines
}

func (o Observer) stage(name string) {
	if o.Stage != nil {
		o.Stage(name)
	}
}

func (o Observer) found(files int) {
	if o.Found != nil {
		o.Found(files)
	}
}

func (o Observer) page(path string) (rendered func()) {
	if o.Page == nil {
		return func() {}
	}
	return o.Page(path)
}
