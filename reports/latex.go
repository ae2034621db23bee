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

func (g grid) latex(out *strings.Builder, s *section) {
	alignment, titles := "", make([]string, len(g.columns))
	for i, column := range g.columns {
		titles[i] = escapeLaTeX(column.title)
		if column.numbers {
			alignment += "r"
		} else {
			alignment += "l"
		}
	}
	fmt.Fprintf(out, "\n\\begin{table}\n\\centering\n\\caption{%s", escapeLaTeX(g.title+", trained on "+s.title+"."))
	for _, note := range g.notes {
		out.WriteString(" " + escapeLaTeX(note))
	}
	fmt.Fprintf(out, "}\n\\label{tab:%s-%s}\n\\footnotesize\\setlength{\\tabcolsep}{4pt}\n"+latexFit+"{%%\n\\begin{tabular}{%s}\n\\toprule\n%s \\\\\n\\midrule\n",
		s.anchor, g.name, alignment, strings.Join(titles, " & "))
	for i, row := range g.rows {
		if row.heading != "" {
			if i > 0 {
				out.WriteString("\\midrule\n")
			}
			fmt.Fprintf(out, "\\multicolumn{%d}{l}{\\emph{%s}} \\\\\n", len(g.columns), escapeLaTeX(row.heading))
			continue
		}
		cells := make([]string, len(row.cells))
		for j, cell := range row.cells {
			cells[j] = cell.latex(row.paper)
		}
		if row.paper {
			cells[0] = `\quad ` + cells[0]
		}
		out.WriteString(strings.Join(cells, " & ") + " \\\\\n")
	}
	out.WriteString("\\bottomrule\n\\end{tabular}}\n\\end{table}\n")
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
