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

// ImportCSV reads a table whose first row names the columns. Commas, semicolons
// and tabs are found out. The error is about the whole table, such as a column
// that is not there; what is wrong with one row is in the report.
func ImportCSV(cfg *site.Config, r io.Reader, m Mapping) (*Report, error) {
	br := bufio.NewReaderSize(r, 1<<16)
	cr, err := tableReader(br)
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
		where := fmt.Sprintf("row %d", row)
		if err == nil {
			if line, _ := cr.FieldPos(0); line != row {
				where += fmt.Sprintf(" (line %d)", line)
			}
		}
		im.rep.Records++
		if reason := rowFault(head, cells, pe, seen, where); reason != "" {
			im.refuse(where, "", reason)
			continue
		}
		rec := record{where: where, cells: map[string]string{}}
		for i, name := range head {
			rec.cells[name] = cells[i]
		}
		im.add(rec)
	}
}

// tableReader takes off a byte order mark and finds the separator.
func tableReader(br *bufio.Reader) (*csv.Reader, error) {
	start, err := br.Peek(1 << 15)
	if err != nil && err != io.EOF {
		return nil, err
	}
	if bytes.HasPrefix(start, []byte("\xff\xfe")) || bytes.HasPrefix(start, []byte("\xfe\xff")) {
		return nil, fmt.Errorf("the table is in UTF-16; save it as \"CSV UTF-8\"")
	}
	if bytes.HasPrefix(start, []byte("\xef\xbb\xbf")) {
		start = start[3:]
		_, _ = br.Discard(3)
	}
	cr := csv.NewReader(br)
	cr.FieldsPerRecord = -1
	line, _, _ := bytes.Cut(start, []byte("\n"))
	for _, sep := range ";\t" {
		if bytes.Count(line, []byte(string(sep))) > bytes.Count(line, []byte(string(cr.Comma))) {
			cr.Comma = sep
		}
	}
	return cr, nil
}

// rowFault says why a row cannot be used, or "".
func rowFault(head, cells []string, pe *csv.ParseError, seen map[string]string, where string) string {
	switch {
	case pe != nil && pe.StartLine != pe.Line:
		return fmt.Sprintf("a quoted cell that begins on line %d does not end rightly; nothing was read until line %d", pe.StartLine, pe.Line)
	case pe != nil:
		return fmt.Sprintf("line %d, column %d: %s; a quote inside a quoted cell is written twice", pe.Line, pe.Column, pe.Err)
	case strings.TrimSpace(strings.Join(cells, "")) == "":
		return "the row is empty"
	case len(cells) < len(head) || len(cells) > len(head) && strings.TrimSpace(strings.Join(cells[len(head):], "")) != "":
		return fmt.Sprintf("the row has %d cells, the first row has %d", len(cells), len(head))
	}
	for i, c := range cells[:len(head)] {
		if !utf8.ValidString(c) {
			return fmt.Sprintf("%q has bytes that are not UTF-8 text; save the table as \"CSV UTF-8\"", head[i])
		}
		if strings.ContainsRune(c, 0) {
			return fmt.Sprintf("%q has a NUL character", head[i])
		}
	}
	key := strings.Join(cells, "\x00")
	if first := seen[key]; first != "" {
		return "is the same as " + first
	}
	seen[key] = where
	return ""
}
