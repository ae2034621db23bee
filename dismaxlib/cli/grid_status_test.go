package cli

import (
	"bytes"
	"io"
	"testing"
	"time"

	"github.com/dismax-go/dismax/dismaxlib/experiment/grid"
)

func TestStatusHasALineForEachRunAndSaysWhereUnfinishedOnesWereSeen(t *testing.T) {
	seen := time.Date(2026, 11, 26, 4, 5, 6, 0, time.Local)
	var got bytes.Buffer
	err := table(&got, func(w io.Writer) error {
		return writeStates(w, []grid.State{
			{Run: grid.Run{Index: 0, Name: "done"}, Phase: grid.Finished, Step: 9, Steps: 9, Updated: seen, Host: "here"},
			{Run: grid.Run{Index: 1, Name: "goes-on"}, Phase: grid.Running, Step: 1, Steps: 4, Updated: seen, Host: "here",
				Known: true, Left: 3 * time.Hour},
			{Run: grid.Run{Index: 2, Name: "wrong"}, Phase: grid.Failed, Step: 2, Steps: 4, Updated: seen, Error: "no\nspace"},
			{Run: grid.Run{Index: 3, Name: "later"}, Phase: grid.Unstarted, Steps: 4},
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	const want = `INDEX  STATE        LEFT   FOLDER
0      finished            done
1      running 25%  3.0 h  goes-on
                           last seen 2026-11-26 04:05:06 on here
2      failed 50%   ?      wrong
                           last seen 2026-11-26 04:05:06
                           no; space
3      unstarted    ?      later
`
	if got.String() != want {
		t.Errorf("got\n%s\nwant\n%s", got.String(), want)
	}
}
