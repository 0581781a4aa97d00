package builder

import (
	"context"
	"reflect"
)

// maker is a file beside pages: a value that holds all the file is made of.
type maker interface{ bytes() []byte }

// output is a file beside pages, planned while pages are linked and made at the end.
type output struct {
	path string
	of   maker
	file File
}

func (l *linker) plan(path string, of maker) {
	l.made[path] = true
	l.ix.planned = append(l.ix.planned, output{path: path, of: of})
}

// make makes the planned files, or takes those of the last build. That is right
// where the makers are equal, compared deeply: a file is made of nothing else.
func (l *linker) make(old *Index) {
	before := make(map[string]*output, len(old.planned))
	for i := range old.planned {
		before[old.planned[i].path] = &old.planned[i]
	}
	each(context.Background(), len(l.ix.planned), func(i int) {
		o := &l.ix.planned[i]
		if was := before[o.path]; was != nil && reflect.DeepEqual(was.of, o.of) {
			o.file = was.file
			return
		}
		o.file = newFile(o.path, o.of.bytes())
	})
	for _, o := range l.ix.planned {
		l.ix.outputs = append(l.ix.outputs, o.file)
	}
}

// plain is a file whose bytes are known when it is planned.
type plain string

func (t plain) bytes() []byte { return []byte(t) }
