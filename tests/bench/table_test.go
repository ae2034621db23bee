package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestTableHasMediansSpreadAndMultiplesOfTheFastestPyTorch(t *testing.T) {
	var out strings.Builder
	c := exampleComparison()
	c.Measurements[0].Versions = "something " + strings.Repeat("and more of it ", 10)
	if err := writeTable(&out, c); err != nil {
		t.Fatal(err)
	}
	const want = `ResNet-20, batch 32, dismax, float32
                 train s  spread  x torch  infer s  x torch  first s  peak MB
         goconv    0.126     10%     1.50   0.0315     1.50      1.3      200
          torch    0.105     10%     1.25   0.0263     1.25      1.1      300
  torch-compile   0.0840     10%     1.00   0.0210     1.00      0.9      500

ResNet-34, batch 16, dismax, float32
              train s  spread  x torch  infer s  x torch  first s  peak MB
  xla:jaxlib    1.103     10%        -    0.276        -     11.6     1000
         jax    1.050     10%        -    0.263        -     11.0     1000
       torch   failed
torch: out of luck

a processor, 2 cores: fma avx2
2030-01-02 03:04 to 04:04, load 0.2 before and 1.5 after
`
	got := out.String()
	if !strings.HasPrefix(strings.Join(trimmedLines(got), "\n"), strings.Join(trimmedLines(want), "\n")) {
		t.Errorf("got\n%s\nwant it to begin with\n%s", got, want)
	}
	for _, line := range strings.Split(got, "\n") {
		if utf8.RuneCountInString(line) > 80 {
			t.Errorf("a line of %d characters does not fit a terminal: %s", utf8.RuneCountInString(line), line)
		}
	}
}

func trimmedLines(text string) []string {
	var lines []string
	for line := range strings.Lines(strings.TrimSpace(text)) {
		lines = append(lines, strings.TrimRight(line, " \n"))
	}
	return lines
}

func TestMarkdownHasAColumnForEachEngineAndOneForPyTorch(t *testing.T) {
	const want = `| network | | goconv | xla:jaxlib | jax | PyTorch |
| --- | --- | --- | --- | --- | --- |
| ResNet-20, batch 32 | training step, s | 0.126 (1.50) | - | - | 0.0840 |
|  | inference, s | 0.0315 (1.50) | - | - | 0.0210 |
|  | first step, s | 1.3 | - | - | 0.9 |
|  | peak memory, MB | 200 | - | - | 500 |
| ResNet-34, batch 16 | training step, s | - | 1.103 | 1.050 | - |
`
	if got := markdown(exampleComparison()); !strings.HasPrefix(got, want) {
		t.Errorf("got\n%s\nwant it to begin with\n%s", got, want)
	}
}

func TestPictureHasARowForEachEngine(t *testing.T) {
	path := filepath.Join(t.TempDir(), "bench.svg")
	if drawn, err := drawPicture(exampleComparison(), path); err != nil || !drawn {
		t.Fatalf("got error %v and drawn %t, want a picture", err, drawn)
	}
	svg, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{">ResNet-34, batch 16, float32<", ">goconv<", ">torch-compile<", ">xla:jaxlib<"} {
		if !strings.Contains(string(svg), want) {
			t.Errorf("the picture lacks %q", want)
		}
	}
}

func TestARecordWithoutResultsHasNoPicture(t *testing.T) {
	c := &comparison{}
	c.add(failed("torch", "resnet20", 32, 1))
	path := filepath.Join(t.TempDir(), "bench.svg")
	if drawn, err := drawPicture(c, path); err != nil || drawn {
		t.Errorf("got error %v and drawn %t, want no picture", err, drawn)
	}
}
