package datasets

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/dismax-go/dismax/datasets/internal/filetree"
)

// role is what images of a set serve for.
type role int

const (
	wholeRole role = iota // of a set that is not split
	trainRole
	validationRole
	testRole
)

// partFolders are the names of the folders that split a set, in lower case.
var partFolders = map[string]role{
	"train": trainRole, "training": trainRole,
	"val": validationRole, "valid": validationRole, "validation": validationRole,
	"test": testRole, "testing": testRole,
}

// classFile is an image file and its class, which is empty for a file that is in no class folder.
type classFile struct {
	filetree.File
	class string
	label int32
}

// layout is the meaning of a collection's files: which part and which class each belongs to.
type layout [testRole + 1][]classFile

// understand reads the meaning of the files from their folders: [root/…][part/][class/…]file. Folders that hold
// everything are left aside. A class folder without images is an error.
func understand(tree *filetree.Tree) (layout, error) {
	var files layout
	root := commonRoot(tree.Files)
	filled := make(map[string]bool)
	for _, file := range tree.Files {
		part, class, folder := place(path.Dir(strings.TrimPrefix(file.Name, root)))
		files[part] = append(files[part], classFile{file, class, 0})
		filled[folder] = true
	}
	for _, name := range tree.Folders {
		if below, ok := strings.CutPrefix(name, root); ok {
			if _, class, folder := place(below); class != "" && !filled[folder] {
				return files, fmt.Errorf("%s: the class folder %s holds no images: fill or remove it",
					tree.Path, name)
			}
		}
	}
	if whole := files[wholeRole]; len(whole) > 0 && len(whole) < len(tree.Files) {
		return files, fmt.Errorf("%s: %s lies beside folders such as train or test and not in one: move or remove it",
			tree.Path, whole[0].Name)
	}
	for _, part := range files {
		if mixed := slices.IndexFunc(part, func(f classFile) bool { return f.class == "" }); mixed >= 0 &&
			slices.ContainsFunc(part, func(f classFile) bool { return f.class != "" }) {
			return files, fmt.Errorf("%s: %s lies beside class folders and not in one: move or remove it",
				tree.Path, part[mixed].Name)
		}
	}
	return files, nil
}

// commonRoot returns the folders, with a final slash, that hold all files and have no meaning of their own.
func commonRoot(files []filetree.File) string {
	root := ""
	for {
		next, _, nested := strings.Cut(strings.TrimPrefix(files[0].Name, root), "/")
		if _, isPart := partFolders[strings.ToLower(next)]; isPart || !nested {
			return root
		}
		longer := root + next + "/"
		for _, file := range files {
			if !strings.HasPrefix(file.Name, longer) {
				return root
			}
		}
		root = longer
	}
}

// place returns what a folder below the root means. The class folder is the one that separates classes within the
// part; deeper folders, such as the images folders of Tiny ImageNet, mean nothing.
func place(folder string) (which role, class, classFolder string) {
	first, rest, _ := strings.Cut(folder, "/")
	if part, ok := partFolders[strings.ToLower(first)]; ok {
		which, folder = part, rest
		classFolder = first + "/"
	}
	class, _, _ = strings.Cut(folder, "/")
	if class == "." {
		class = ""
	}
	return which, class, classFolder + class
}

// classNames returns the classes of the files, sorted.
func classNames(files []classFile) []string {
	var names []string
	for _, file := range files {
		if file.class != "" && (len(names) == 0 || names[len(names)-1] != file.class) {
			names = append(names, file.class)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// labelFiles sets the label of each file to the place of its class among the sorted classes.
func labelFiles(files []classFile, classes []string) error {
	if len(classes) == 0 {
		return nil
	}
	for i := range files {
		label, ok := slices.BinarySearch(classes, files[i].class)
		switch {
		case files[i].class == "":
			return fmt.Errorf("%s is in no class folder, as the training images are: sort it into one", files[i].Name)
		case !ok:
			return fmt.Errorf("%s: there are no training images of the class %q", files[i].Name, files[i].class)
		}
		files[i].label = int32(label)
	}
	return nil
}

// fileLabels returns the labels of the files.
func fileLabels(files []classFile) []int32 {
	labels := make([]int32, len(files))
	for i, file := range files {
		labels[i] = file.label
	}
	return labels
}

// pick returns the elements with the given indices.
func pick[T any](all []T, indices []int) []T {
	picked := make([]T, len(indices))
	for to, from := range indices {
		picked[to] = all[from]
	}
	return picked
}
