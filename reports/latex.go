package reports

import (
	"fmt"
	"strings"
)

// LaTeX writes one table environment for each table, scaled down where it is wider than the text. The document needs the
// packages booktabs and graphicx.
func (t *Results) LaTeX() string {
	var out strings.Builder
	out.WriteString("% Needs \\usepackage{booktabs,graphicx}.\n")
	for _, s := range t.sections {
		for _, g := range s.documentGrids() {
			g.latex(&out, s)
		}
	}
	return out.String()
}

// latexRows are about as many rows as a page has room for, below a caption.
const latexRows = 36

// latex writes the grid, in several tables where it has more rows than a page, the notes with the first.
func (g grid) latex(out *strings.Builder, s *section) {
	title, notes := g.title+", trained on "+s.title+".", strings.Join(append([]string{""}, g.notes...), " ")
	label := fmt.Sprintf("\n\\label{tab:%s-%s}", s.anchor, g.name)
	for rows := g.rows; len(rows) > 0; {
		count := min(len(rows), latexRows)
		g.latexTable(out, escapeLaTeX(title+notes)+"}"+label, rows[:count])
		title, notes, label, rows = g.title+", trained on "+s.title+", continued.", "", "", rows[count:]
	}
}

// latexTable writes rows of the grid under a caption.
func (g grid) latexTable(out *strings.Builder, caption string, rows []row) {
	alignment, titles := "", make([]string, len(g.columns))
	for i, column := range g.columns {
		titles[i] = escapeLaTeX(column.title)
		alignment += map[bool]string{true: "r", false: "l"}[column.numbers]
	}
	fmt.Fprintf(out, "\n\\begin{table}\n\\centering\n\\caption{%s\n\\footnotesize\\setlength{\\tabcolsep}{4pt}\n"+latexFit+
		"{%%\n\\begin{tabular}{%s}\n\\toprule\n%s \\\\\n\\midrule\n", caption, alignment, strings.Join(titles, " & "))
	for i, row := range rows {
		if row.heading != "" && i > 0 {
			out.WriteString("\\midrule\n")
		}
		out.WriteString(g.latexRow(row))
	}
	out.WriteString("\\bottomrule\n\\end{tabular}}\n\\end{table}\n")
}

func (g grid) latexRow(row row) string {
	if row.heading != "" {
		return fmt.Sprintf("\\multicolumn{%d}{l}{\\emph{%s}} \\\\\n", len(g.columns), escapeLaTeX(row.heading))
	}
	cells := make([]string, len(row.cells))
	for j, cell := range row.cells {
		cells[j] = cell.latex(row.paper)
	}
	if row.paper {
		cells[0] = `\quad ` + cells[0]
	}
	return strings.Join(cells, " & ") + " \\\\\n"
}

// latexFit scales what follows to the width of the text, if it is wider.
const latexFit = `\resizebox{\ifdim\width>\linewidth\linewidth\else\width\fi}{!}`

func (c cell) latex(paper bool) string {
	text := escapeLaTeX(c.text)
	if c.best {
		text = `\textbf{` + text + "}"
	}
	if c.spread != "" {
		text += ` $\pm$ ` + c.spread
	}
	if paper && text != "" {
		text = `\textit{` + text + "}"
	}
	return text
}

var latexEscapes = strings.NewReplacer(`\`, `\textbackslash{}`, "{", `\{`, "}", `\}`, "$", `\$`, "&", `\&`, "%", `\%`,
	"#", `\#`, "_", `\_`, "~", `\textasciitilde{}`, "^", `\textasciicircum{}`, "±", `$\pm$`, "−", `$-$`, "–", "--",
	"∞", `$\infty$`, "<", `\textless{}`, ">", `\textgreater{}`, "\r", " ", "\n", " ")

// escapeLaTeX makes the text mean itself.
func escapeLaTeX(text string) string { return latexEscapes.Replace(text) }
