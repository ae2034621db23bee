package main

import (
	"strings"
	"testing"
)

func TestSummaryCountsAndVerdict(t *testing.T) {
	const (
		passing = `{"Action":"output","Package":"p","Test":"TestA","Output":"=== RUN TestA\n"}
{"Action":"pass","Package":"p","Test":"TestA"}
{"Action":"output","Package":"p","Output":"ok  \tp\t0.1s\n"}
{"Action":"pass","Package":"p"}
`
		failing = `{"Action":"output","Package":"p","Test":"TestB","Output":"    b_test.go:7: got 1, want 2\n"}
{"Action":"fail","Package":"p","Test":"TestB"}
{"Action":"output","Package":"p","Output":"FAIL\tp\t0.1s\n"}
{"Action":"fail","Package":"p"}
`
		skipping = `{"Action":"output","Package":"p","Test":"TestC","Output":"=== RUN TestC\n"}
{"Action":"output","Package":"p","Test":"TestC","Output":"    c_test.go:9: missing tool: gonb\n"}
{"Action":"output","Package":"p","Test":"TestC","Output":"--- SKIP: TestC (0.00s)\n"}
{"Action":"skip","Package":"p","Test":"TestC"}
{"Action":"output","Package":"p","Output":"ok  \tp\t0.1s\n"}
{"Action":"pass","Package":"p"}
`
		counting = `{"Action":"output","Package":"p","Test":"TestE","Output":"    e_test.go:4: figure: 30 kills\n"}
{"Action":"pass","Package":"p","Test":"TestE"}
{"Action":"pass","Package":"p"}
`
		skippingMore = `{"Action":"output","Package":"p","Test":"TestC/x","Output":"    c_test.go:9: needs x\n"}
{"Action":"skip","Package":"p","Test":"TestC/x"}
{"Action":"output","Package":"p","Test":"TestC/y","Output":"    c_test.go:9: needs y\n"}
{"Action":"skip","Package":"p","Test":"TestC/y"}
{"Action":"output","Package":"p","Test":"TestC/z","Output":"    c_test.go:12: needs z\n"}
{"Action":"skip","Package":"p","Test":"TestC/z"}
{"Action":"pass","Package":"p"}
`
		notBuilding = `{"ImportPath":"p","Action":"build-output","Output":"x.go:1: undefined: y\n"}
{"ImportPath":"p","Action":"build-fail"}
{"Action":"output","Package":"p","Output":"FAIL\tp [build failed]\n"}
{"Action":"fail","Package":"p"}
`
		dying = `{"Action":"output","Package":"p","Test":"TestD","Output":"panic: boom\n"}
{"Action":"output","Package":"p","Output":"FAIL\tp\t0.1s\n"}
{"Action":"fail","Package":"p"}
`
	)
	for _, test := range []struct {
		name, events, forbid string
		ok                   bool
		want                 []string
	}{
		{"passing", passing, "", true, []string{"ok  \tp", "1 passed, 0 failed, 0 skipped\n"}},
		{"failing", failing, "", false, []string{"got 1, want 2", "FAIL\tp", "0 passed, 1 failed, 0 skipped\n"}},
		{"skipping says why", skipping, "", true,
			[]string{"skipped TestC: c_test.go:9: missing tool: gonb\n", "0 passed, 0 failed, 1 skipped\n"}},
		{"figures come before the counts", counting + passing, "", true,
			[]string{"\n30 kills\n2 passed, 0 failed, 0 skipped\n"}},
		{"skipping at one place many times", skippingMore, "", true, []string{
			"skipped TestC/x and 1 more: c_test.go:9: needs x\n", "skipped TestC/z: c_test.go:12: needs z\n",
			"0 passed, 0 failed, 3 skipped\n"}},
		{"a forbidden skip fails", skipping, "missing tool", false,
			[]string{"TestC must not be skipped", "0 passed, 1 failed, 0 skipped\n"}},
		{"another skip is allowed", skipping, "missing folder", true, []string{"0 passed, 0 failed, 1 skipped\n"}},
		{"not building", notBuilding, "", false,
			[]string{"undefined: y", "[build failed]", "0 passed, 1 failed, 0 skipped\n"}},
		{"dying in a test", dying, "", false, []string{"panic: boom", "0 passed, 1 failed, 0 skipped\n"}},
		{"stages", "stage: goconv\n" + passing + failing + "stage: xla:cpu\n" + passing, "", false, []string{
			"on goconv, 1 passed, 1 failed, 0 skipped\n", "on xla:cpu, 1 passed, 0 failed, 0 skipped\n",
			"2 passed, 1 failed, 0 skipped\n"}},
		{"nothing ran", "go: cannot find main module\n", "", false,
			[]string{"cannot find main module", "no test ran", "0 passed, 1 failed, 0 skipped\n"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			var out strings.Builder
			summary := newSummary(&out, test.forbid)
			if err := summary.read(strings.NewReader(test.events)); err != nil {
				t.Fatalf("reading the events: %v", err)
			}
			if got := summary.close(); got != test.ok {
				t.Errorf("all is well: got %v, want %v", got, test.ok)
			}
			for _, want := range test.want {
				if !strings.Contains(out.String(), want) {
					t.Errorf("got output\n%s\nwant %q in it", &out, want)
				}
			}
		})
	}
}
