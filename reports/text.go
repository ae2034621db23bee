package reports

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/dismax-go/dismax/internal/text"
)

// textWidth is how many characters a line of [Results.Text] has at most, as far as its words allow.
const textWidth = 80

// Text writes the tables for a terminal, in lines of 80 characters: columns are aligned, and a table that is wider goes
// on below. The tables that pages fold, those of other scores and of intervals, are among them if all are wanted.
func (t *Results) Text(all bool) string {
	var out strings.Builder
	for i, s := range t.sections {
		if i > 0 {
			out.WriteByte('\n')
		}
		out.WriteString(s.title + "\n")
		for _, g := range s.grids() {
			if g.folded && !all {
				continue
			}
			title := g.title
			if s.models() == 1 {
				title += ", " + s.groups[0].model
			}
			out.WriteString("\n" + title + "\n")
			g.text(&out)
		}
	}
	return out.String()
}

// text writes the columns in blocks that fit a line, each with the columns of words in front, and the notes.
func (g grid) text(out *strings.Builder) {
	widths := make([]int, len(g.columns))
	var front, numbers []int
	for i, column := range g.columns {
		switch {
		case column.optional:
			continue
		case column.numbers:
			numbers = append(numbers, i)
		default:
			front = append(front, i)
		}
		upper, lower := splitTitle(column.title)
		widths[i] = max(utf8.RuneCountInString(upper), utf8.RuneCountInString(lower))
		for _, row := range g.rows {
			if row.heading == "" {
				widths[i] = max(widths[i], utf8.RuneCountInString(row.cells[i].plain()))
			}
		}
	}
	for len(numbers) > 0 {
		block, width := append([]int{}, front...), -2
		for _, i := range front {
			width += widths[i] + 2
		}
		for len(numbers) > 0 && (len(block) == len(front) || width+2+widths[numbers[0]] <= textWidth) {
			width += widths[numbers[0]] + 2
			block, numbers = append(block, numbers[0]), numbers[1:]
		}
		g.textBlock(out, block, widths)
	}
	for _, note := range g.notes {
		out.WriteString("\n" + text.Wrap(note, textWidth) + "\n")
	}
}

// textBlock writes some of the columns.
func (g grid) textBlock(out *strings.Builder, columns, widths []int) {
	line := func(cell func(i int) string) {
		var cells strings.Builder
		for place, i := range columns {
			if place > 0 {
				cells.WriteString("  ")
			}
			value := cell(i)
			padding := strings.Repeat(" ", max(0, widths[i]-utf8.RuneCountInString(value)))
			if g.columns[i].numbers {
				cells.WriteString(padding + value)
			} else {
				cells.WriteString(value + padding)
			}
		}
		out.WriteString(strings.TrimRight(cells.String(), " ") + "\n")
	}
	out.WriteByte('\n')
	upper := func(i int) string { upper, _ := splitTitle(g.columns[i].title); return upper }
	if slices.ContainsFunc(columns, func(i int) bool { return upper(i) != "" }) {
		line(upper)
	}
	line(func(i int) string { _, lower := splitTitle(g.columns[i].title); return lower })
	for _, row := range g.rows {
		if row.heading != "" {
			out.WriteString(row.heading + "\n")
			continue
		}
		line(func(i int) string { return row.cells[i].plain() })
	}
}

// splitTitle divides a title of several words between two lines; one of a single word stands in the lower.
func splitTitle(title string) (upper, lower string) {
	if at := strings.LastIndexByte(title, ' '); at >= 0 {
		return title[:at], title[at+1:]
	}
	return "", title
}

// plain is the cell without marks.
func (c cell) plain() string {
	if c.spread != "" {
		return c.text + " ± " + c.spread
	}
	return c.text
}

// TextOfCautions writes the [Cautions] for a terminal, "" if there are none.
func TextOfCautions(cautions []string) string {
	if len(cautions) == 0 {
		return ""
	}
	var out strings.Builder
	out.WriteString("Before you compare:\n")
	for _, caution := range cautions {
		out.WriteString("- " + strings.ReplaceAll(text.Wrap(caution, textWidth-2), "\n", "\n  ") + "\n")
	}
	return out.String()
}
