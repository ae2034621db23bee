package misuse

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dismax-go/dismax/dismaxlib/backend/goconv"
	"github.com/dismax-go/dismax/dismaxlib/cli"
)

func TestMisuseOfTheCommandLineIsOneLine(t *testing.T) {
	t.Setenv("GOMLX_BACKEND", goconv.Name)
	t.Setenv("DISMAX_OFFLINE", "1")
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	folder := t.TempDir()
	for name, content := range map[string]string{
		"record.json": "{}", "x.dismax": "PK", "x.safetensors": "\xff\xff\xff\xff\xff\xff\xff\xff", "x.png": "text", "x.txt": "",
	} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for line, status := range map[string]int{
		"run --out OUT --weight-decay=nan":                   2,
		"run --out OUT --weight-decay=-1":                    2,
		"run --out OUT --learning-rate=inf":                  2,
		"run --out OUT --learning-rate=1e999":                2,
		"run --out OUT --train-limit=9223372036854775807":    2,
		"run --out OUT --train-limit=-1":                     2,
		"run --out OUT --train-limit=1099511627776":          1,
		"run --out OUT --test-limit=9223372036854775807":     2,
		"run --out OUT --test-limit=99999999999999999999":    2,
		"run --out OUT --epochs=9223372036854775807":         2,
		"run --out OUT --batch-size=9223372036854775807":     2,
		"run --out OUT --batch-size=1000000 --test-limit=10": 1,
		"run --out OUT --validation-share=nan":               2,
		"run --out OUT --drops=-1":                           2,
		"run --out OUT --drops=9223372036854775807":          2,
		"run --out OUT --dtype=float7":                       2,
		"run --out OUT --continue-with-learning-rate=nan":    2,
		"run --out OUT --continue-with-learning-rate=-0.1":   2,
		"run --out OUT --continue-with-learning-rate=+inf":   2,
		"run --out OUT --continue-with-learning-rate=x":      2,
		"run --out OUT --memory-limit=0":                     2,
		"run --out OUT --memory-limit=-1GB":                  2,
		"run --out OUT --memory-limit=9e99GB":                2,
		"run --out OUT --data=DIR --memory-limit=1":          1,
		"detect --memory-limit=many DIR/x.dismax DIR/x.png":  2,
		"run --out OUT --protocol=":                          2,
		"run --out OUT --criterion=x":                        2,
		"run --out OUT --convention=x":                       2,
		"run --out OUT --dataset=DIR/x.txt":                  1,
		"run --out DIR":                                      1,
		"run --out DIR/x.txt/out --train-limit=100":          1,
		"bench --steps=0":                                    2,
		"bench --steps=-9223372036854775808":                 2,
		"bench --models=resnet8:0":                           2,
		"bench --models=:":                                   2,
		"models resnet8 --size=-1":                           2,
		"models resnet8 --size=9223372036854775807":          2,
		"datasets fetch \n":                                  2,
		"export DIR DIR/y.dismax":                            1,
		"export DIR DIR/y.safetensors":                       1,
		"export DIR DIR/y.txt":                               2,
		"export DIR DIR/y.dismax --refused=nan":              2,
		"detect DIR/x.dismax DIR/x.png":                      1,
		"detect DIR DIR/x.png":                               2,
		"detect DIR/x.dismax DIR/absent.png":                 2,
		"report DIR":                                         1,
		"report DIR/x.png":                                   1,
		"verify DIR":                                         1,
		"verify DIR/x.dismax DIR/x.safetensors":              1,
		"verify DIR/x.txt":                                   2,
		"verify DIR/absent":                                  2,
		"rerun DIR --out OUT":                                1,
		"rerun DIR/absent --out OUT":                         2,
		"rerun DIR":                                          2,
	} {
		args := strings.Split(strings.NewReplacer("DIR", folder, "OUT", filepath.Join(t.TempDir(), "out")).Replace(line), " ")
		var out, problems bytes.Buffer
		got := -1
		_ = noPanic(t, line, func() error {
			got = cli.Main(t.Context(), args, &out, &problems)
			return nil
		})
		lines := strings.Split(strings.TrimSuffix(problems.String(), "\n"), "\n")
		last := lines[len(lines)-1]
		if got != status || !strings.HasPrefix(last, "dismax: ") || strings.Contains(last, "runtime error") {
			t.Errorf("dismax %q: exit status %d, want %d, and the last line %q", line, got, status, last)
		}
		if rest := fmt.Sprint(lines[:len(lines)-1]); strings.Contains(rest, "goroutine") {
			t.Errorf("dismax %q prints a stack:\n%s", line, problems.String())
		}
	}
}
