package plugin

import (
	"bytes"
	"debug/elf"
	"fmt"
	"os"
	"strings"
)

// FlagsVariable is XLA's environment variable for its flags, or for the name of a file that holds them.
const FlagsVariable = "XLA_FLAGS"

// CheckFlags returns an error if the flags, the value of [FlagsVariable], would end the process when the plugin reads
// them: a name that is not among the plugin's strings, a word that is no flag, a file that cannot be read. Whether a
// flag's value is one that it takes is not known before XLA reads it.
func CheckFlags(flags, pluginPath string) error {
	source := FlagsVariable
	if trimmed := strings.TrimSpace(flags); trimmed != "" && !strings.HasPrefix(trimmed, "-") {
		text, err := os.ReadFile(trimmed)
		if err != nil {
			return fmt.Errorf("%s=%s is not a flag, for it does not begin with --, nor a file of flags: %w",
				FlagsVariable, flags, err)
		}
		flags, source = string(text), trimmed
	}
	words := splitFlags(flags)
	if len(words) == 0 {
		return nil
	}
	constants, err := readConstants(pluginPath)
	if err != nil {
		return err
	}
	for _, word := range words {
		name, isFlag := strings.CutPrefix(word, "--")
		name, _, _ = strings.Cut(name, "=")
		if !isFlag || name == "" {
			return fmt.Errorf("%s has %q, which is not of the form --name=value: XLA would end the program", source, word)
		}
		if constants != nil && !bytes.Contains(constants, []byte(name+"\x00")) {
			return fmt.Errorf("%s has the flag --%s, which this plugin does not know (XLA would end the program): "+
				"remove it or check its spelling", source, name)
		}
	}
	return nil
}

// splitFlags separates the flags at spaces that are not quoted.
func splitFlags(flags string) []string {
	var quote rune
	return strings.FieldsFunc(flags, func(r rune) bool {
		switch {
		case quote != 0:
			if r == quote {
				quote = 0
			}
			return false
		case r == '\'' || r == '"':
			quote = r
			return false
		}
		return strings.ContainsRune(" \t\r\n", r)
	})
}

// readConstants returns the section of the plugin that holds the names of its flags; nil if it has none of that name.
func readConstants(path string) ([]byte, error) {
	library, err := elf.Open(path)
	if err != nil {
		return nil, nil // not of Linux
	}
	defer library.Close()
	section := library.Section(".rodata")
	if section == nil {
		return nil, nil
	}
	constants, err := section.Data()
	if err != nil {
		return nil, fmt.Errorf("%s is damaged (%w): fetch it again", path, err)
	}
	return constants, nil
}
