package reports

import (
	"strings"
)

// Markdown writes the tables in the dialect of GitHub and Jupyter. Rows with the paper's numbers are in italics.
func (t *Results) Markdown() string {
	var out strings.Builder
	for i, s := range t.sections {
		if i > 0 {
			out.WriteByte('\n')
		}
		out.WriteString("### " + escapeMarkdown(s.title) + "\n")
		for _, g := range s.grids() {
			out.WriteString("\n**" + g.title + "**\n\n")
			g.markdown(&out)
		}
	}
	return out.String()
}

func (g grid) markdown(out *strings.Builder) {
	for _, column := range g.columns {
		out.WriteString("| " + column.title + " ")
	}
	out.WriteString("|\n")
	for _, column := range g.columns {
		if column.numbers {
			out.WriteString("| ---: ")
		} else {
			out.WriteString("| --- ")
		}
	}
	out.WriteString("|\n")
	for _, row := range g.rows {
		if row.heading != "" {
			out.WriteString("| **" + escapeMarkdown(row.heading) + "** " + strings.Repeat("| ", len(g.columns)-1) + "|\n")
			continue
		}
		for _, cell := range row.cells {
			out.WriteString("| " + cell.markdown(row.paper) + " ")
		}
		out.WriteString("|\n")
	}
	for _, note := range g.notes {
		out.WriteString("\n" + escapeMarkdown(note) + "\n")
	}
}

func (c cell) markdown(paper bool) string {
	text := escapeMarkdown(c.text)
	if c.best {
		text = "**" + text + "**"
	}
	if c.spread != "" {
		text += " ± " + c.spread
	}
	if paper && text != "" && text != missing {
		text = "*" + text + "*"
	}
	return text
}

var markdownEscapes = strings.NewReplacer(`\`, `\\`, "`", "\\`", "*", `\*`, "_", `\_`, "|", `\|`, "[", `\[`, "]", `\]`,
	"<", "&lt;", ">", "&gt;", "&", "&amp;", "\r", " ", "\n", " ")

// escapeMarkdown makes the text mean itself.
func escapeMarkdown(text string) string { return markdownEscapes.Replace(text) }
