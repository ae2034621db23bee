package goconv_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/gomlx/compute"
)

// TestEveryOperationIsRecorded fails after an upgrade of module compute that brings new operations: run go generate.
func TestEveryOperationIsRecorded(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	declared := map[string]bool{"Name": true, "Shape": true} // which go through to the inner function
	for _, file := range files {
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, declaration := range parsed.Decls {
			method, ok := declaration.(*ast.FuncDecl)
			if !ok || method.Recv == nil {
				continue
			}
			if pointer, ok := method.Recv.List[0].Type.(*ast.StarExpr); ok && pointer.X.(*ast.Ident).Name == "function" {
				declared[method.Name.Name] = true
			}
		}
	}
	functionType := reflect.TypeFor[compute.Function]()
	for i := range functionType.NumMethod() {
		if name := functionType.Method(i).Name; !declared[name] {
			t.Errorf("compute.Function.%s is not recorded", name)
		}
	}
}
