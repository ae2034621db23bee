package show

import (
	"crypto/sha256"
	"fmt"
	"html"
	"strings"

	"github.com/dismax-go/dismax/reports/plot"
)

// Frame is one picture of [Frames], and what the slider stands at when it is shown.
type Frame struct {
	Label string
	Plot  *plot.Plot
}

// Frames shows one of the pictures at a time, first the one with that index, and a slider that chooses it. They are all
// made beforehand, so the slider works in a page without a kernel; where scripts are not allowed, the first one is seen.
func Frames(name string, first int, frames ...Frame) { display(framesHTML(name, first, frames)) }

func framesHTML(name string, first int, frames []Frame) string {
	var all strings.Builder
	for i, frame := range frames {
		hidden := ""
		if i != first {
			hidden = ` style="display:none"`
		}
		fmt.Fprintf(&all, "<div%s><p>%s: <b>%s</b></p>%s</div>\n", hidden, html.EscapeString(name),
			html.EscapeString(frame.Label), picture(frame.Plot))
	}
	// The pictures make the name: two sliders on a page must not share one.
	id := fmt.Sprintf("frames-%.6x", sha256.Sum256([]byte(name+all.String())))
	const script = `const f=document.getElementById('%s').children;` +
		`for(let i=0;i&lt;f.length;i++)f[i].style.display=i==this.value?'':'none'`
	return fmt.Sprintf(`<input type="range" min="0" max="%d" value="%d" style="width:20rem;max-width:100%%" `+
		`aria-label="%s" oninput="%s"><div id="%s">%s</div>`,
		len(frames)-1, first, html.EscapeString(name), fmt.Sprintf(script, id), id, all.String())
}
