package exchange

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"potluck/internal/site"
)

// ImportCSV reads a table whose first row names the columns, with commas,
// semicolons or tabs between. The error is about the whole table, such as a column
// that is not there; what is wrong with one row is in the report. Rows are counted
// as a spreadsheet does: the first with data is row 2.
func ImportCSV(cfg *site.Config, r io.Reader, m Mapping) (*Report, error) {
	cr, err := tableReader(bufio.NewReaderSize(r, 1<<16))
	if err != nil {
		return nil, err
	}
	head, err := cr.Read()
	if err != nil {
		return nil, fmt.Errorf("the first row, which names the columns, cannot be read: %w", err)
	}
	for i := range head {
		head[i] = site.CleanLine(head[i])
	}
	im, err := newImporter(cfg, m, head)
	if err != nil {
		return nil, err
	}
	seen := map[string]string{}
	for row := 2; ; row++ {
		cells, err := cr.Read()
		var pe *csv.ParseError
		if err == io.EOF {
			return im.finish(), nil
		} else if err != nil && !errors.As(err, &pe) {
			return nil, err
		}
		rec := record{where: fmt.Sprintf("row %d", row), cells: map[string]string{}}
		for i := range min(len(head), len(cells)) {
			rec.cells[head[i]] = cells[i]
		}
		im.add(rec, rowFault(head, cells, pe, seen, rec.where))
	}
}

// tableReader takes off a byte order mark and finds out what stands between cells.
func tableReader(br *bufio.Reader) (*csv.Reader, error) {
	start, err := br.Peek(1 << 15)
	switch {
	case err != nil && err != io.EOF:
		return nil, err
	case bytes.HasPrefix(start, []byte("\xff\xfe")) || bytes.HasPrefix(start, []byte("\xfe\xff")):
		return nil, fmt.Errorf("the table is UTF-16; save it as \"CSV UTF-8\"")
	case bytes.HasPrefix(start, []byte("\ufeff")):
		_, _ = br.Discard(3)
	}
	cr := csv.NewReader(br)
	cr.FieldsPerRecord = -1
	line, _, _ := strings.Cut(string(start), "\n")
	for _, sep := range ";\t" {
		if strings.Count(line, string(sep)) > strings.Count(line, string(cr.Comma)) {
			cr.Comma = sep
		}
	}
	return cr, nil
}

// rowFault says why a row cannot be used, or "".
func rowFault(head, cells []string, pe *csv.ParseError, seen map[string]string, where string) string {
	all := strings.Join(cells, "\x1f")
	switch first := seen[all]; {
	case pe != nil && pe.StartLine != pe.Line:
		return fmt.Sprintf("a quoted cell in the row that begins on line %d has no right end; nothing was read until line %d", pe.StartLine, pe.Line)
	case pe != nil:
		return fmt.Sprintf("line %d, column %d: %s; a quote inside a quoted cell is written twice", pe.Line, pe.Column, pe.Err)
	case strings.Trim(all, "\x1f ") == "":
		return "the row is empty"
	case len(cells) < len(head) || strings.Join(cells[len(head):], "") != "":
		return fmt.Sprintf("the row has %d cells, the first row has %d", len(cells), len(head))
	case !utf8.ValidString(all):
		return "the row has bytes that are not UTF-8 text; save the table as \"CSV UTF-8\""
	case strings.ContainsRune(all, 0):
		return "the row has a NUL character"
	case first != "":
		return "is the same as " + first
	}
	seen[all] = where
	return ""
}
