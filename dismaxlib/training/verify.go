package training

import "path/filepath"

// Verified says of one checkpoint whether it is, bit for bit, what was written.
type Verified struct {
	Path string
	Err  error // nil: it is whole
}

// Verify reads all checkpoints of a folder, that of [Config.Folder], the oldest first. It changes nothing and needs no
// lock: a training may go on meanwhile.
func Verify(folder string) ([]Verified, error) {
	steps, err := listCheckpoints(folder)
	if err != nil {
		return nil, err
	}
	var all []Verified
	for _, step := range steps {
		_, err := readFile(folder, step)
		all = append(all, Verified{filepath.Join(folder, fileName(step)), err})
	}
	return all, nil
}
