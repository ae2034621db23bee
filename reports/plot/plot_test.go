package plot

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dismax-go/dismax/reports/internal/check"
)

// line is a plot with the title.
func line(t *testing.T, title string) *Plot {
	t.Helper()
	p, err := Curves(Chart{Title: title, Subtitle: "from 0 to 1"}, Curve{Name: "a", X: []float64{0, 1}, Y: []float64{0, 1}})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestPNGHasTwiceTheUsualDensity(t *testing.T) {
	// 400 by 290 points are 1066.7 by 773.3 dots at 192 dots per inch.
	if got := check.PNG(t, line(t, "a")).Bounds().Size(); got.X != 1067 || got.Y != 773 {
		t.Errorf("got %v dots, want 1067 by 773", got)
	}
}

func TestResizedKeepsTheOriginal(t *testing.T) {
	p := line(t, "a")
	check.Holds(t, check.SVG(t, p.Resized(200, 0), nil), `viewBox="0 0 200 290"`)
	check.Holds(t, check.SVG(t, p.Resized(0, 150), nil), `viewBox="0 0 400 150"`)
	check.Holds(t, check.SVG(t, p, nil), `viewBox="0 0 400 290"`)
}

func TestRowIsAsWideAsItsPlots(t *testing.T) {
	row, err := Row(line(t, "left"), line(t, "right").Resized(340, 380))
	check.Holds(t, check.SVG(t, row, err), `viewBox="0 0 740 380"`, ">left<", ">right<")
	_, err = Row()
	check.Error(t, err, "at least one plot")
}

func TestInlineFollowsThePageAndReadsItsTitleAloud(t *testing.T) {
	row, err := Row(line(t, "this & that"), line(t, "more"))
	if err != nil {
		t.Fatal(err)
	}
	for p, label := range map[*Plot]string{
		line(t, `"a"`): `aria-label="&#34;a&#34;. from 0 to 1. Shown: a."`,
		row:            `aria-label="this &amp; that. from 0 to 1. Shown: a. more. from 0 to 1. Shown: a."`,
	} {
		svg, err := p.Inline()
		if err != nil {
			t.Fatal(err)
		}
		check.Holds(t, svg, label, "var(--ink)", "var(--muted)", "var(--faint)")
		if !strings.HasPrefix(svg, "<svg ") || strings.Contains(svg, "#FFFFFF") {
			t.Errorf("got %.200s, want an element without a background", svg)
		}
	}
}

func TestSaveWritesThePictureAndNamesAFileItCannotWrite(t *testing.T) {
	p, folder := line(t, "a"), t.TempDir()
	for name, save := range map[string]func(string) error{"plot.svg": p.SaveSVG, "plot.png": p.SavePNG} {
		path := filepath.Join(folder, name)
		if err := save(path); err != nil {
			t.Fatal(err)
		}
		if info, err := os.Stat(path); err != nil || info.Size() == 0 {
			t.Errorf("%s: %v, %v", name, info, err)
		}
		missing := filepath.Join(folder, "no-such-folder", name)
		err := save(missing)
		check.Error(t, err, missing)
		if !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("got %v, want it to wrap fs.ErrNotExist", err)
		}
	}
}

func TestLongTextsAreCutAtTheEdge(t *testing.T) {
	long := strings.Repeat("very long name ", 20)
	p, err := Curves(Chart{Title: long}, Curve{Name: long, X: []float64{0, 1}, Y: []float64{0, 1}})
	svg := check.SVG(t, p, err)
	check.Holds(t, svg, "very long na", "…<")
	if strings.Contains(svg, long) {
		t.Error("the whole of a long name is drawn")
	}
}
