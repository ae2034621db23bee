package endtoend

import (
	"fmt"
	"image/color"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// mistake is a command line that people type, with RUN for the folder of a finished run, DIR for one of odd files and NEW
// for one that is not there.
type mistake struct {
	line   string
	status int
	says   []string // what the one line of error names: what is wrong, and what to do
}

var mistakes = []mistake{
	{"trian --out NEW", 2, []string{"unexpected argument trian", "the commands are run, grid,"}},
	{"grid list --scale tiny", 2, []string{"tiny", "smoke, cpu, gpu-short"}},
	{"grid lst", 2, []string{`did you mean "list"`, "grid status"}},
	{"run", 2, []string{"missing flags", "--out"}},
	{"run --modle resnet8 --out NEW", 2, []string{`did you mean "--model"`}},
	{"run --model resnet51 --out NEW", 2, []string{"unknown model", "choose one of resnet8"}},
	{"run --loss dismaxx --out NEW", 2, []string{"unknown loss", "dismax-fpr"}},
	{"run --dataset cifar11 --out NEW", 2, []string{"cifar11", "cifar10"}},
	{"run --data DIR/none --out NEW", 2, []string{"--data", "none", "no such file or folder"}},
	{"run --data DIR/empty --out NEW", 1, []string{"holds no images", "JPEG, PNG or WebP"}},
	{"run --data DIR/flat --out NEW", 1, []string{"no training images of at least two classes", "a folder for each class"}},
	{"run --data DIR/bad --out NEW", 1, []string{"b/1.png", "not a JPEG, PNG or WebP image"}},
	{"run --epochs 0 --out NEW", 2, []string{"0 epochs", "want 1"}},
	{"run --epochs many --out NEW", 2, []string{"--epochs", "many"}},
	{"run --learning-rate -1 --out NEW", 2, []string{"learning-rate"}},
	{"run --learning-rate=0 --out NEW", 2, []string{"learning rate 0", "positive"}},
	{"run --batch-size 500 --train-limit 100 --out NEW", 1, []string{"batch of 500", "smaller batch"}},
	{"run --size 20 --out NEW", 2, []string{"20 pixels", "32 to 224"}},
	{"run --size 64 --train-limit 100 --out NEW", 1, []string{"synthetic come in 32x32", "only images of your own"}},
	{"run --schedule linear --out NEW", 2, []string{"--schedule", "drops", "cosine"}},
	{"run --best --protocol paper --out NEW", 2, []string{"best epoch", "protocol held-out"}},
	{"run --label-smoothing 0.1 --loss dismax-fpr --out NEW", 2, []string{"soft targets", "choose one of the two"}},
	{"run --freeze-backbone --out NEW", 2, []string{"--freeze-backbone needs --weights"}},
	{"run --weights RUN --model resnet20 --train-limit 100 --out NEW", 1, []string{"of another model"}},
	{"run --weights DIR/text.safetensors --out NEW", 1, []string{"text.safetensors", "no .safetensors file, or cut"}},
	{"run --weights DIR/model.pth --out NEW", 1, []string{"model.pth", "safetensors.torch.save_file"}},
	{"run --epochs 5 --out RUN", 1, []string{"another spec", "choose another folder"}},
	{"run --backend cuda --out NEW", 2, []string{"cuda", "goconv"}},
	{"report DIR/empty", 2, []string{"no record.json", "has a run finished"}},
	{"report DIR/text.json", 1, []string{"text.json", "not a results record"}},
	{"export RUN NEW.onnx", 2, []string{".dismax or .safetensors"}},
	{"export DIR/empty NEW.dismax", 1, []string{"record.json", "has the run finished"}},
	{"export RUN NEW.dismax --refused 0.001", 1, []string{"held out 30 images", "that takes 999", "--validation-share", "--refused 0.04"}},
	{"export RUN NEW.dismax --refused 5", 2, []string{"between 0 and 1"}},
	{"export RUN NEW.dismax --score Best", 2, []string{"unknown score", "MMLES"}},
	{"detect DIR/flat/none.png", 2, []string{"none.png", "no such file or folder"}},
	{"detect RUN DIR/flat/1.png", 2, []string{"is a folder and no detector", "dismax export"}},
	{"detect DIR/text.dismax DIR/flat/1.png", 1, []string{"not a detector"}},
	{"evaluate --logits RUN/logits/test.npy --labels RUN/logits/test.npy --out NEW", 1, []string{"one class number for each row"}},
	{"evaluate --logits DIR/text.json --labels RUN/logits/test-labels.npy --out NEW", 1, []string{"not a NumPy array", "numpy.save"}},
	{"evaluate --logits RUN/logits/test.npy --out NEW", 2, []string{"missing flags", "--labels"}},
	{"rerun RUN --out RUN", 2, []string{"the run's own folder", "name another"}},
	{"verify DIR/empty", 1, []string{"neither a record nor a checkpoint"}},
	{"models resnet9000", 2, []string{"unknown model", "resnet20"}},
	{"datasets fetch cifar12", 2, []string{"cifar12", "cifar10"}},
}

func TestTypicalMistakesGiveOneClearLine(t *testing.T) {
	run, folder := t.TempDir(), t.TempDir()
	succeed(t, dismax(t, smallRun(run, "--quiet")...))
	files := map[string]string{
		"empty/notes.txt": "", "text.json": "{}", "text.dismax": "text", "text.safetensors": "text", "model.pth": "PK",
		"flat/1.png": string(picture(color.Black)), "flat/2.png": string(picture(color.Black)),
		"bad/b/1.png": "text",
	}
	for i := range 20 {
		files[fmt.Sprintf("bad/%s/more-%d.png", []string{"a", "b"}[i%2], i)] = string(picture(color.Black))
	}
	for name, content := range files {
		path := filepath.Join(folder, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		writeFile(t, path, []byte(content))
	}
	for _, m := range mistakes {
		line := strings.NewReplacer("RUN", run, "DIR", folder, "NEW", filepath.Join(t.TempDir(), "new")).Replace(m.line)
		_, problems, status := statusOf(t, dismax(t, strings.Fields(line)...))
		lines := strings.Split(strings.TrimSuffix(problems, "\n"), "\n")
		last := lines[len(lines)-1]
		if status != m.status || !strings.HasPrefix(last, "dismax: ") {
			t.Errorf("dismax %s: exit status %d, want %d, and on standard error\n%s", m.line, status, m.status, problems)
		}
		for _, says := range m.says {
			if !strings.Contains(last, says) {
				t.Errorf("dismax %s: the last line does not say %q:\n%s", m.line, says, last)
			}
		}
		for _, before := range lines[:len(lines)-1] {
			if strings.HasPrefix(before, "dismax: ") || strings.Contains(before, "goroutine") {
				t.Errorf("dismax %s: more than one line of error:\n%s", m.line, problems)
			}
		}
		t.Logf("dismax %s\n    %d  %s", m.line, status, strings.NewReplacer(run, "RUN", folder, "DIR").Replace(last))
	}
}
