package training_test

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/dismax-go/dismax/dismaxlib/training"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/layers"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/ml/train/optimizer"
)

// trainedUntil trains into a new folder, stopping after the epoch as a user does who interrupts the program.
func trainedUntil(t *testing.T, epoch int) (folder string) {
	t.Helper()
	folder = t.TempDir()
	ctx, stop := context.WithCancel(context.Background())
	c := config(t, folder)
	c.Watchers = []training.Watcher{{Epoch: func(e training.Epoch) {
		if e.Number == epoch {
			stop()
		}
	}}}
	if _, err := training.Run(ctx, c); !errors.Is(err, context.Canceled) {
		t.Fatalf("error %v; want context.Canceled", err)
	}
	return folder
}

// checkpointFiles returns the paths of the checkpoints, the oldest first.
func checkpointFiles(t *testing.T, folder string) []string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(folder, "step-*.checkpoint"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("checkpoints %v (error: %v); want some", paths, err)
	}
	return paths
}

// newestOf returns the path of the newest checkpoint.
func newestOf(t *testing.T, folder string) string {
	paths := checkpointFiles(t, folder)
	return paths[len(paths)-1]
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

func write(t *testing.T, path string, content []byte) {
	t.Helper()
	if err := os.WriteFile(path, content, 0o644); err != nil {
		t.Fatal(err)
	}
}

// flip changes one bit of the file.
func flip(t *testing.T, path string, bit int) {
	t.Helper()
	content := read(t, path)
	content[bit/8] ^= 1 << (bit % 8)
	write(t, path, content)
}

func names(t *testing.T, folder string) []string {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, entry := range entries {
		found = append(found, entry.Name())
	}
	return found
}

func TestEveryFlippedBitOfACheckpointIsSeen(t *testing.T) {
	folder := trainedUntil(t, 1)
	path := newestOf(t, folder)
	good := read(t, path)
	random := rand.New(rand.NewPCG(1, 2))
	for range 500 {
		bit := random.IntN(8 * len(good))
		flip(t, path, bit)
		if _, err := training.Weights(folder); err == nil || !strings.Contains(err.Error(), path) {
			t.Fatalf("bit %d of %d flipped: error %v; want one that names %s", bit, 8*len(good), err, path)
		}
		write(t, path, good)
	}
	if _, err := training.Weights(folder); err != nil {
		t.Errorf("undamaged again: %v", err)
	}
}

func TestEveryCutOfACheckpointIsSeen(t *testing.T) {
	folder := trainedUntil(t, 1)
	path := newestOf(t, folder)
	good := read(t, path)
	for length := 0; length < len(good); length += 1 + length%7 {
		write(t, path, good[:length])
		if _, err := training.Weights(folder); err == nil {
			t.Fatalf("%d of %d bytes were taken for a checkpoint", length, len(good))
		}
	}
	write(t, path, append(good, 0))
	if _, err := training.Weights(folder); err == nil {
		t.Error("a checkpoint with a byte too many was read")
	}
}

func TestADamagedCheckpointFallsBackToTheOneBefore(t *testing.T) {
	whole := config(t, t.TempDir())
	mustRun(t, whole)
	for name, damage := range map[string]func(path string){
		"flipped": func(path string) { flip(t, path, 1234) },
		"empty":   func(path string) { write(t, path, nil) },
		"renamed": func(path string) {
			if err := os.Rename(path, filepath.Join(filepath.Dir(path), "step-00000099.checkpoint")); err != nil {
				t.Fatal(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			folder := trainedUntil(t, 2) // and one step more
			damage(newestOf(t, folder))
			var lines []string
			c := config(t, folder)
			c.Log = func(line string) { lines = append(lines, line) }
			history := mustRun(t, c)
			checkEqual(t, "after the damage", variables(t, c.Store), variables(t, whole.Store))
			if len(lines) != 1 || !strings.Contains(lines[0], "is damaged") || history.Resumed != 1 {
				t.Errorf("the log has %q, and the run was resumed %d times; want one line and once", lines, history.Resumed)
			}
		})
	}
}

func TestAFlippedBitInACheckpointsNameCostsNoCheckpoint(t *testing.T) {
	whole := config(t, t.TempDir())
	mustRun(t, whole)
	const tries = 40
	random := rand.New(rand.NewPCG(tries, 1))
	for tried := 0; tried < tries; tried++ {
		folder := trainedUntil(t, 2)
		name := []byte(filepath.Base(newestOf(t, folder)))
		at := random.IntN(len(name))
		if name[at] ^= 1 << random.IntN(7); name[at] == '/' || name[at] == 0 {
			tried-- // no file can have it
			continue
		}
		renamed := filepath.Join(folder, string(name))
		if err := os.Rename(newestOf(t, folder), renamed); err != nil {
			t.Fatal(err)
		}
		c := config(t, folder)
		if history := mustRun(t, c); history.Resumed != 1 {
			t.Errorf("%s: resumed %d times, want once", name, history.Resumed)
		}
		checkEqual(t, string(name), variables(t, c.Store), variables(t, whole.Store))
		if _, err := os.Stat(renamed); err != nil && !strings.HasPrefix(string(name), "step-") {
			t.Errorf("what is no checkpoint by its name is gone: %v", err)
		}
	}
	t.Logf("figure: %d flipped bits of a checkpoint's name, no training began anew", tries)
}

func TestTwoCheckpointsAreKept(t *testing.T) {
	folder := t.TempDir()
	mustRun(t, config(t, folder))
	want := []string{".lock", "step-00000030.checkpoint", "step-00000040.checkpoint"}
	if got := names(t, folder); !slices.Equal(got, want) {
		t.Errorf("the folder has %v; want %v", got, want)
	}
}

func TestACheckpointThatIsWrittenAgainLeavesTheOneBefore(t *testing.T) {
	folder := t.TempDir()
	c := validated(t, folder, 3, 2, 1)
	c.KeepBest = false
	after := c.AfterEpoch
	fail := true
	c.AfterEpoch = func(ctx context.Context, epoch *training.Epoch, store *model.Store) error {
		if epoch.Number == 3 && fail {
			return errors.New("no validation images")
		}
		return after(ctx, epoch, store)
	}
	if _, err := training.Run(context.Background(), c); err == nil {
		t.Fatal("no error")
	}
	fail = false
	c.Store = config(t, "").Store
	mustRun(t, c)
	want := []string{".lock", "step-00000020.checkpoint", "step-00000030.checkpoint"}
	if got := names(t, folder); !slices.Equal(got, want) {
		t.Errorf("the folder has %v; want %v", got, want)
	}
}

func TestWithoutAReadableCheckpointNothingIsTrainedOrDeleted(t *testing.T) {
	folder := trainedUntil(t, 2)
	for _, path := range checkpointFiles(t, folder) {
		flip(t, path, 999)
	}
	want := names(t, folder)
	c := config(t, folder)
	c.Watchers = []training.Watcher{{Step: func(training.Step) { t.Fatal("it trained from zero") }}}
	_, err := training.Run(context.Background(), c)
	const advice = "delete the folder to start anew"
	if err == nil || !strings.Contains(err.Error(), advice) || strings.Contains(err.Error(), "\n") {
		t.Errorf("error %v; want one line that says what to do", err)
	}
	if got := names(t, folder); !slices.Equal(got, want) {
		t.Errorf("the folder has %v; want %v", got, want)
	}
}

func TestACheckpointInAnotherFormatIsNotTrainedOver(t *testing.T) {
	folder := t.TempDir()
	for _, name := range []string{"checkpoint-n0000000-20300102-030405-step-00000001.json", "progress.json"} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte("{}"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	_, runErr := training.Run(context.Background(), config(t, folder))
	_, weightsErr := training.Weights(folder)
	for _, err := range []error{runErr, weightsErr} {
		if err == nil || !strings.Contains(err.Error(), folder) || !strings.Contains(err.Error(), "choose another folder") {
			t.Errorf("error %v; want one that names the folder and says what to do", err)
		}
	}
}

func TestFilesOfOthersStay(t *testing.T) {
	folder := t.TempDir()
	foreign := []string{"step-00000001.checkpoint", "step-1.checkpoint", "checkpoint-n0000001-step-00000001.json",
		"notes.json", ".step-00000005.checkpoint.swp", ".notes-12", "best.bin"}
	mustRun(t, config(t, folder))
	for _, name := range foreign {
		write(t, filepath.Join(folder, name), []byte("mine"))
	}
	unfinished := ".step-00000041.checkpoint-123456"
	write(t, filepath.Join(folder, unfinished), []byte("half of it"))
	more := config(t, folder)
	more.Epochs = 6
	mustRun(t, more)
	left := names(t, folder)
	for _, name := range foreign {
		if !slices.Contains(left, name) {
			t.Errorf("%s was deleted", name)
		}
	}
	if slices.Contains(left, unfinished) {
		t.Errorf("%s, what a killed process leaves, is still there", unfinished)
	}
}

func TestRunRefusesTheCheckpointOfAnotherRun(t *testing.T) {
	folder := t.TempDir()
	mustRun(t, config(t, folder))
	for name, test := range map[string]struct {
		change func(*training.Config)
		want   string
	}{
		"another value": {func(c *training.Config) { c.Identity["data"] = "lines" },
			`data is "points" there and "lines" here`},
		"a new name": {func(c *training.Config) { c.Identity["seed"] = "7" }, `seed is "" there and "7" here`},
		"other epochs": {func(c *training.Config) { c.Data = &points{steps: 11, stride: 1} },
			`steps per epoch is "10" there and "11" here`},
	} {
		t.Run(name, func(t *testing.T) {
			other := config(t, folder)
			test.change(&other)
			_, err := training.Run(context.Background(), other)
			if err == nil || !strings.Contains(err.Error(), "another run, "+test.want+": choose") {
				t.Errorf("error %v; want one with %q and nothing that is equal", err, test.want)
			}
		})
	}
}

// wider is another model than linear.
func wider(scope *model.Scope, features *Node) *Node {
	return layers.Dense(scope.In("head"), layers.Dense(scope.In("body"), features, true, 3), true, 2)
}

// threeClasses is linear with other shapes.
func threeClasses(scope *model.Scope, features *Node) *Node {
	return layers.Dense(scope.In("head"), features, true, 3)
}

func withoutBiases(scope *model.Scope, features *Node) *Node {
	return layers.Dense(scope.In("head"), features, false, 2)
}

func TestACheckpointOfAnotherModelIsRefused(t *testing.T) {
	folder := trainedUntil(t, 2)
	for name, test := range map[string]struct {
		change func(*training.Config)
		want   string
	}{
		"more variables":    {func(c *training.Config) { c.Model = wider }, "/body/dense/weights"},
		"fewer variables":   {func(c *training.Config) { c.Model = withoutBiases }, "/head/dense/biases"},
		"other shapes":      {func(c *training.Config) { c.Model = threeClasses }, "/head/dense/weights"},
		"another optimizer": {func(c *training.Config) { c.Optimizer = optimizer.Adam().Done() }, "/AdamOptimizer/"},
	} {
		t.Run(name, func(t *testing.T) {
			want := names(t, folder)
			c := config(t, folder)
			test.change(&c)
			_, err := training.Run(context.Background(), c)
			if err == nil || !strings.Contains(err.Error(), "of another model") || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v; want one about another model that names %s", err, test.want)
			}
			if got := names(t, folder); !slices.Equal(got, want) {
				t.Errorf("the folder has %v; want %v", got, want)
			}
		})
	}
}

func TestASecondRunInAFolderIsRefused(t *testing.T) {
	c := config(t, t.TempDir())
	c.Watchers = []training.Watcher{{Step: func(s training.Step) {
		if s.Epoch > 1 {
			return
		}
		_, err := training.Run(context.Background(), config(t, c.Folder))
		if err == nil || !strings.Contains(err.Error(), "another run is training in "+c.Folder) {
			t.Errorf("error %v; want one that says that another run is training there", err)
		}
	}}}
	mustRun(t, c)
	if _, err := training.Run(context.Background(), config(t, c.Folder)); err != nil {
		t.Errorf("when the first is done: %v", err)
	}
}

func TestLossThatIsNotFiniteIsAnErrorAndNeverSaved(t *testing.T) {
	c := config(t, t.TempDir())
	data := &points{steps: 10, stride: 1}
	c.Data = data
	c.Watchers = []training.Watcher{{Epoch: func(training.Epoch) { data.stride = float32(math.Inf(1)) }}}
	_, err := training.Run(context.Background(), c)
	if err == nil || !strings.Contains(err.Error(), "loss is") {
		t.Fatalf("error %v; want one about the loss", err)
	}
	good := config(t, c.Folder)
	good.Epochs = 2
	history, err := training.Run(context.Background(), good)
	if err != nil || history.Resumed != 1 {
		t.Errorf("resuming from before the bad step: %+v, %v", history, err)
	}
}

// exploding is a schedule whose last step of the second epoch throws the variables to infinity: no loss shows it.
type exploding struct{}

func (exploding) At(step int) float64 {
	if step == 19 {
		return 1e39 // more than float32 holds
	}
	return 0.1
}

func TestVariablesThatAreNotFiniteAreNeverSaved(t *testing.T) {
	for _, folder := range []string{"", t.TempDir()} {
		c := config(t, folder)
		c.Schedule = exploding{}
		_, err := training.Run(context.Background(), c)
		if err == nil {
			t.Fatalf("folder %q: no error", folder)
		}
		for _, want := range []string{"step 20", "1e+39", "/head/dense/weights", "infinite or NaN"} {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("folder %q: error %v; want one with %q", folder, err, want)
			}
		}
		if folder == "" {
			continue
		}
		if got := filepath.Base(newestOf(t, folder)); got != "step-00000010.checkpoint" {
			t.Errorf("the newest checkpoint is %s; want that of step 10", got)
		}
		for path, values := range variables(t, mustWeights(t, folder)) {
			if strings.Contains(values, "Inf") || strings.Contains(values, "NaN") {
				t.Errorf("%s is %s", path, values)
			}
		}
	}
}

func mustWeights(t *testing.T, folder string) *model.Store {
	t.Helper()
	store, err := training.Weights(folder)
	if err != nil {
		t.Fatal(err)
	}
	return store
}

func TestAFolderThatGoesAwayIsOneClearLine(t *testing.T) {
	c := config(t, filepath.Join(t.TempDir(), "checkpoints"))
	c.Watchers = []training.Watcher{{Step: func(s training.Step) {
		if s.Epoch == 2 && s.InEpoch == 1 {
			if err := os.RemoveAll(c.Folder); err != nil {
				t.Fatal(err)
			}
		}
	}}}
	_, err := training.Run(context.Background(), c)
	if err == nil || !strings.Contains(err.Error(), c.Folder) || strings.Contains(err.Error(), "\n") {
		t.Errorf("error %v; want one line that names the folder", err)
	}
}

func TestWeightsOfADamagedCheckpointAreAnErrorThatSaysWhatToDo(t *testing.T) {
	folder := trainedUntil(t, 2)
	flip(t, newestOf(t, folder), 4321)
	_, err := training.Weights(folder)
	if err == nil || !strings.Contains(err.Error(), "run the training again") {
		t.Errorf("error %v; want one that says to run the training again", err)
	}
}
