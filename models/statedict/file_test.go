package statedict_test

import (
	"encoding/binary"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/dismax-go/dismax/models/statedict"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
)

// content is a file with the header and so many bytes of values.
func content(header string, dataBytes int) []byte {
	file := binary.LittleEndian.AppendUint64(nil, uint64(len(header)))
	return append(append(file, header...), make([]byte, dataBytes)...)
}

// readContent reads a file with the content.
func readContent(t testing.TB, content []byte) (statedict.State, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "state.safetensors")
	if err := os.WriteFile(path, content, 0o644); err != nil {
		t.Fatal(err)
	}
	return statedict.Read(path)
}

const twoEntries = `{"a":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]},` +
	`"b":{"dtype":"I64","shape":[],"data_offsets":[24,32]}}`

func TestReadKeepsWhatTheFileSays(t *testing.T) {
	state, err := readContent(t, content(twoEntries, 32))
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]*tensors.Tensor{"a": zeros(2, 3), "b": tensors.FromScalar(int64(0))} {
		if got := state[name]; got == nil || !got.Equal(want) {
			t.Errorf("entry %s: got %v, want %s", name, got, want)
		}
	}
}

func TestReadRefusesDamagedFiles(t *testing.T) {
	entry := func(dtype, shape, offsets string, dataBytes int) []byte {
		return content(`{"a":{"dtype":"`+dtype+`","shape":`+shape+`,"data_offsets":`+offsets+`}}`, dataBytes)
	}
	for what, test := range map[string]struct {
		content []byte
		says    []string
	}{
		"an empty file":          {nil, []string{"length of its header"}},
		"a header cut off":       {content(twoEntries, 0)[:60], []string{"claims"}},
		"a huge header":          {binary.LittleEndian.AppendUint64(nil, 1<<63), []string{"claims"}},
		"a pickle":               {[]byte("PK\x03\x04 a zip archive of torch.save"), []string{"no .safetensors file"}},
		"no JSON":                {content("{", 0), []string{"JSON"}},
		"values cut off":         {content(twoEntries, 31), []string{"entry b", "cut off"}},
		"too many values":        {content(twoEntries, 33), []string{"32 bytes", "has 33"}},
		"a null entry":           {content(`{"a":null}`, 0), []string{"entry a", "dtype"}},
		"another kind":           {content(`{"a":[1]}`, 0), []string{"for a"}},
		"an unknown dtype":       {entry("F8_E4M3", "[1]", "[0,1]", 1), []string{"entry a", "F8_E4M3"}},
		"negative dimensions":    {entry("F32", "[-1,-1]", "[0,4]", 4), []string{"entry a", "[-1 -1]"}},
		"overflowing dimensions": {entry("F32", "[4611686018427387905,4]", "[0,16]", 16), []string{"entry a", "do not fit"}},
		"negative offsets":       {entry("F32", "[1]", "[-4,0]", 4), []string{"entry a", "[-4 0]"}},
		"a gap":                  {entry("F32", "[1]", "[4,8]", 8), []string{"entry a", "[4 8]"}},
		"other dimensions":       {entry("F32", "[3]", "[0,8]", 16), []string{"entry a", "0 to 12", "[0 8]"}},
		"overlapping entries": {content(`{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},`+
			`"b":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}`, 8), []string{"entry b", "[0 8]"}},
	} {
		_, err := readContent(t, test.content)
		checkError(t, what, err, append(test.says, "state.safetensors")...)
	}
	_, err := statedict.Read(t.TempDir())
	checkError(t, "a folder", err, "not a file")
	_, err = statedict.Read(filepath.Join(t.TempDir(), "absent.safetensors"))
	checkError(t, "no file", err, "absent.safetensors")
}

func TestWrittenFilesSuitPython(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state.safetensors")
	state := statedict.State{
		"flags": tensors.FromFlatDataAndDimensions([]bool{true, false, true}, 3),
		"count": tensors.FromScalar(int64(7)),
		"a":     tensors.FromFlatDataAndDimensions([]float32{1, 2, 3}, 3, 1),
		"empty": zeros(0),
	}
	if err := state.Write(path); err != nil {
		t.Fatal(err)
	}
	written, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	length := binary.LittleEndian.Uint64(written)
	if length%8 != 0 {
		t.Errorf("the values begin %d bytes behind the length, want a multiple of 8", length)
	}
	var header map[string]struct {
		Format  string
		Offsets []int `json:"data_offsets"`
		Shape   []int
	}
	if err := json.Unmarshal(written[8:8+length], &header); err != nil {
		t.Fatal(err)
	}
	if got := header["__metadata__"].Format; got != "pt" {
		t.Errorf("format: got %q, want pt", got)
	}
	for name, want := range map[string]int{"count": 0, "a": 8, "empty": 20, "flags": 20} {
		if got := header[name].Offsets[0]; got != want {
			t.Errorf("entry %s: got offset %d, want %d", name, got, want)
		}
	}
	if header["count"].Shape == nil {
		t.Error("the shape of a scalar is null, want []")
	}
	again, err := statedict.Read(path)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range state {
		if got := again[name]; got == nil || !got.Equal(want) {
			t.Errorf("entry %s: got %v, want %s", name, got, want)
		}
	}
}

func TestWriteRefusesWhatTheFormatDoesNotHold(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "state.safetensors")
	err := statedict.State{"a": tensors.FromScalar(complex64(1))}.Write(path)
	checkError(t, "complex numbers", err, path, "entry a", "Complex64")
	err = statedict.State{"__metadata__": zeros(1)}.Write(path)
	checkError(t, "the format's own name", err, path, "__metadata__")
	err = statedict.State{}.Write(filepath.Join(folder, "absent", "state.safetensors"))
	checkError(t, "no folder", err, "absent")
	if left, err := os.ReadDir(folder); err != nil || len(left) != 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func FuzzRead(f *testing.F) {
	f.Add(content(twoEntries, 32))
	f.Add(content(twoEntries, 20))
	f.Add(content(`{"a":{"dtype":"F32","shape":[-1,-1],"data_offsets":[0,4]}}`, 4))
	f.Add(content(`{"a":{"dtype":"BF16","shape":[0,9223372036854775807],"data_offsets":[0,0]},"__metadata__":{"x":1}}`, 0))
	f.Add(content(`{"a":null,"__metadata__":null}`, 0))
	f.Add(content(`{"w":{"dtype":"F16","shape":[0],"data_offsets":[0,0]},`+
		`"classifier..weight":{"dtype":"BF16","shape":[1,2,1,1],"data_offsets":[0,4]}}`, 4))
	f.Add(binary.LittleEndian.AppendUint64(nil, 100<<20))
	f.Fuzz(func(t *testing.T, content []byte) {
		state, err := readContent(t, content)
		if err != nil {
			return
		}
		total := 0
		for _, value := range state {
			total += int(value.Shape().ByteSize())
		}
		if total > len(content) {
			t.Errorf("%d bytes of values from a file of %d", total, len(content))
		}
		store := model.NewStore()
		if err := state.Load(store); err != nil && store.NumVariables() > 0 {
			t.Errorf("%d variables were made though there was an error: %v", store.NumVariables(), err)
		}
	})
}
