package reports

import (
	"html"
	"strconv"
	"strings"

	_ "embed"
)

//go:embed page/table.css
var tableStyle string

// HTML writes the tables as a fragment with its own style, for a page or a notebook cell. It follows the colours of
// the page around it.
func (t *Results) HTML() string {
	var out strings.Builder
	out.WriteString("<style>\n" + tableStyle + "</style>\n")
	for _, s := range t.sections {
		out.WriteString("<h3>" + html.EscapeString(s.title) + "</h3>\n")
		for _, g := range s.grids() {
			if g.folded {
				out.WriteString("<details><summary>" + html.EscapeString(g.title) + "</summary>\n")
				g.html(&out)
				out.WriteString("</details>\n")
				continue
			}
			g.html(&out)
		}
	}
	return out.String()
}

func (g grid) html(out *strings.Builder) {
	out.WriteString("<div class=\"dismax-table\"><table>\n<thead><tr>")
	for _, column := range g.columns {
		out.WriteString("<th scope=\"col\"" + column.class() + ">" + html.EscapeString(column.title) + "</th>")
	}
	out.WriteString("</tr></thead>\n<tbody>\n")
	for _, row := range g.rows {
		switch {
		case row.heading != "":
			out.WriteString("<tr class=\"heading\"><th scope=\"rowgroup\" colspan=\"" + strconv.Itoa(len(g.columns)) + "\">" +
				html.EscapeString(row.heading) + "</th></tr>\n")
			continue
		case row.paper:
			out.WriteString("<tr class=\"paper\">")
		default:
			out.WriteString("<tr>")
		}
		for i, cell := range row.cells {
			out.WriteString("<td" + g.columns[i].class() + ">" + cell.html(g.widestSpread(i)) + "</td>")
		}
		out.WriteString("</tr>\n")
	}
	out.WriteString("</tbody>\n</table></div>\n")
	if len(g.notes) > 0 {
		out.WriteString("<p class=\"dismax-notes\">" + html.EscapeString(strings.Join(g.notes, " ")) + "</p>\n")
	}
}

func (c column) class() string {
	switch {
	case c.numbers:
		return " class=\"number\""
	case c.optional:
		return " class=\"optional\""
	}
	return ""
}

// widestSpread is the longest deviation of the column, "" if it has none.
func (g grid) widestSpread(column int) string {
	widest := ""
	for _, row := range g.rows {
		if row.heading == "" && len(row.cells[column].spread) > len(widest) {
			widest = row.cells[column].spread
		}
	}
	return widest
}

// html writes the cell. A number without a deviation leaves the room of one, so that the means of a column line up.
func (c cell) html(spread string) string {
	text := html.EscapeString(c.text)
	if c.best {
		text = "<b>" + text + "</b>"
	}
	switch {
	case c.spread != "":
		text += "<small> ± " + html.EscapeString(c.spread) + "</small>"
	case spread != "" && text != "":
		text += "<small aria-hidden=\"true\" style=\"visibility:hidden\"> ± " + html.EscapeString(spread) + "</small>"
	}
	return text
}
