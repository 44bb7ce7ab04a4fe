// Tlogcheck verifies a log as C2SP and RFC 6962 have it, with the packages that the Go project uses for its own
// checksum database, and nothing of ours.
//
//	tlogcheck <directory of checkpoint and tiles> <verifier key>   every entry against the root, through the tiles
//	tlogcheck proofs < JSON                                        one inclusion and one consistency proof
package main

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(args []string) error {
	switch {
	case len(args) == 1 && args[0] == "proofs":
		return checkProofs()
	case len(args) == 2:
		return checkTiles(args[0], args[1])
	}
	return errors.New("usage: tlogcheck <directory> <verifier key> | tlogcheck proofs")
}

// open verifies the note and reads origin, size and root.
func open(msg, vkey string) (tlog.Tree, error) {
	verifier, err := note.NewVerifier(vkey)
	if err != nil {
		return tlog.Tree{}, fmt.Errorf("verifier key: %w", err)
	}
	opened, err := note.Open([]byte(msg), note.VerifierList(verifier))
	if err != nil {
		return tlog.Tree{}, fmt.Errorf("note: %w", err)
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) != 4 || lines[0] != verifier.Name() || lines[3] != "" {
		return tlog.Tree{}, fmt.Errorf("checkpoint: want the three lines of %s, got %q", verifier.Name(), opened.Text)
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil {
		return tlog.Tree{}, err
	}
	root, err := tlog.ParseHash(lines[2])
	return tlog.Tree{N: size, Hash: root}, err
}

type tileFiles struct{ dir string }

func (tileFiles) Height() int                     { return 8 }
func (tileFiles) SaveTiles([]tlog.Tile, [][]byte) {}
func (t tileFiles) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var all [][]byte
	for _, tile := range tiles {
		// C2SP has only tiles of height 8 and leaves the height out of the path.
		path := strings.Replace(tile.Path(), "tile/8/", "tile/", 1)
		bytes, err := os.ReadFile(filepath.Join(t.dir, filepath.FromSlash(path)))
		if err != nil {
			return nil, err
		}
		all = append(all, bytes)
	}
	return all, nil
}

func checkTiles(dir, vkey string) error {
	msg, err := os.ReadFile(filepath.Join(dir, "checkpoint"))
	if err != nil {
		return err
	}
	tree, err := open(string(msg), vkey)
	if err != nil {
		return err
	}
	hashes := tlog.TileHashReader(tree, tileFiles{dir})
	var index int64
	for bundle := int64(0); index < tree.N; bundle++ {
		width := min(256, int(tree.N-bundle*256))
		tile := tlog.Tile{H: 8, L: 0, N: bundle, W: width}
		path := strings.Replace(tile.Path(), "tile/8/0/", "tile/entries/", 1)
		bytes, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(path)))
		if err != nil {
			return err
		}
		for len(bytes) > 0 {
			if len(bytes) < 2 || len(bytes) < 2+int(bytes[0])<<8+int(bytes[1]) {
				return fmt.Errorf("%s is cut off", path)
			}
			end := 2 + int(bytes[0])<<8 + int(bytes[1])
			leaf := tlog.RecordHash(bytes[2:end])
			bytes = bytes[end:]
			proof, err := tlog.ProveRecord(tree.N, index, hashes)
			if err != nil {
				return fmt.Errorf("entry %d: %w", index, err)
			}
			if err := tlog.CheckRecord(proof, tree.N, tree.Hash, index, leaf); err != nil {
				return fmt.Errorf("entry %d: %w", index, err)
			}
			index++
		}
	}
	fmt.Printf("%d entries hold\n", index)
	return nil
}

type proofs struct {
	VerifierKey string   `json:"verifier_key"`
	Note        string   `json:"note"`
	Index       int64    `json:"index"`
	Entry       []byte   `json:"entry"`
	Inclusion   []string `json:"inclusion"`
	From        string   `json:"from"`
	To          string   `json:"to"`
	Consistency []string `json:"consistency"`
}

func checkProofs() error {
	var in proofs
	if err := json.NewDecoder(os.Stdin).Decode(&in); err != nil {
		return err
	}
	tree, err := open(in.Note, in.VerifierKey)
	if err != nil {
		return err
	}
	path, err := decode(in.Inclusion)
	if err != nil {
		return err
	}
	if err := tlog.CheckRecord(path, tree.N, tree.Hash, in.Index, tlog.RecordHash(in.Entry)); err != nil {
		return fmt.Errorf("inclusion: %w", err)
	}
	from, err := open(in.From, in.VerifierKey)
	if err != nil {
		return err
	}
	to, err := open(in.To, in.VerifierKey)
	if err != nil {
		return err
	}
	if path, err = decode(in.Consistency); err != nil {
		return err
	}
	if err := tlog.CheckTree(path, to.N, to.Hash, from.N, from.Hash); err != nil {
		return fmt.Errorf("consistency: %w", err)
	}
	fmt.Printf("entry %d is in %d, and %d extends %d\n", in.Index, tree.N, to.N, from.N)
	return nil
}

func decode(texts []string) ([]tlog.Hash, error) {
	var hashes []tlog.Hash
	for _, text := range texts {
		bytes, err := base64.StdEncoding.DecodeString(text)
		if err != nil || len(bytes) != tlog.HashSize {
			return nil, fmt.Errorf("%q is no hash", text)
		}
		hashes = append(hashes, tlog.Hash(bytes))
	}
	return hashes, nil
}
