package reports

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/dismax-go/dismax/dismaxlib/record"
	"github.com/dismax-go/dismax/internal/text"
)

// checkTestSize says how far the accuracy on few test images may be off.
func checkTestSize(s *section) []string {
	for _, r := range s.all() {
		n, p := r.Data.Test.Images, r.Test.Accuracy
		if n == 0 || n >= 2000 && r.Spec.TestLimit == 0 || !finite(p) {
			continue
		}
		points := 196 * math.Sqrt(p*(1-p)/float64(n))
		return []string{fmt.Sprintf("Tested on only %s: an accuracy is uncertain by about ±%s points (95%%).",
			text.Count(n, "image"), strconv.FormatFloat(points, 'f', 1, 64))}
	}
	return nil
}

func checkSynthetic(s *section) []string {
	if !slices.ContainsFunc(s.all(), func(r *record.Record) bool { return r.Data.Test.Found == "synthetic" }) {
		return nil
	}
	return []string{"The images are synthetic: they show how the methods behave, not how they fare on photographs."}
}

// publishedRaw are the sets that are published as pixels, so that files of another kind are copies.
var publishedRaw = []string{"cifar10", "cifar100", "svhn"}

// checkCopies names the sets that were read from files in which something of the originals is lost.
func checkCopies(s *section) []string {
	var copies []string
	add := func(name string, set record.Set) {
		if slices.Contains(publishedRaw, name) && strings.HasPrefix(set.Format, "JPEG") {
			copies = appendNew(copies, setTitle(set)+" ("+set.Format+")")
		}
	}
	var others []string
	for _, r := range s.all() {
		add(r.Spec.Dataset, r.Data.Test)
		for _, out := range r.OutOfDistribution {
			add(out.Set.Name, out.Set)
			if !slices.Contains(publishedRaw, out.Set.Name) && strings.HasPrefix(out.Set.Format, "JPEG") {
				others = appendNew(others, setTitle(out.Set)+" ("+out.Set.Format+")")
			}
		}
	}
	if len(copies) == 0 {
		return nil
	}
	sentence := "The images of " + text.And(copies) + " were read from JPEG copies, not from the original files"
	if len(others) > 0 {
		sentence += ", those of " + text.And(others) + " from JPEG files"
	}
	return []string{sentence + ": compression leaves traces that a network, or a file's size, can tell sets apart by."}
}

// checkChecksums finds sets of one name whose images differ between runs. Where these hold out different classes, the
// test images and those of the held-out classes differ by design.
func checkChecksums(s *section) []string {
	sums, splits := map[string]string{}, len(checkSplits(s)) > 0
	var differing []string
	add := func(name string, set record.Set) {
		if sums[name] == "" {
			sums[name] = set.SHA256
		} else if set.SHA256 != "" && sums[name] != set.SHA256 {
			differing = appendNew(differing, name)
		}
	}
	for _, r := range s.all() {
		if !splits {
			add("the test images", r.Data.Test)
		}
		for _, out := range r.OutOfDistribution {
			if !splits || out.Set.Name != record.HeldOutClassesSet {
				add(setTitle(out.Set), out.Set)
			}
		}
	}
	if len(differing) == 0 {
		return nil
	}
	return []string{"The runs were not measured on the same images: the checksums of " +
		text.And(differing) + " differ."}
}

func checkMissingSets(s *section) []string {
	var texts []string
	for _, set := range s.outSets() {
		var without []string
		for _, g := range s.groups {
			if slices.ContainsFunc(g.records, func(r *record.Record) bool {
				_, err := outOfDistribution(r, set)
				return err != nil
			}) {
				without = append(without, s.fullLabel(g))
			}
		}
		if len(without) > 0 {
			texts = append(texts, "Not all runs of "+text.And(without)+" were measured against "+s.setTitle(set)+".")
		}
	}
	return texts
}
