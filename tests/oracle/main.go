// Oracle checks a log's static folder with Go's sumdb/note and sumdb/tlog, which know nothing of
// this project: C2SP signed-note, tlog-checkpoint, tlog-cosignature, tlog-tiles and tlog-proof.
//
//	oracle folder DIR KEY...           the folder, and proofs asked about as JSON on standard input
//	oracle proof PROOF ENTRY KEY...    the file PROOF (tlog-proof) for the bytes of the file ENTRY
//
// It prints what it found as JSON; whatever does not hold ends it with code 1 and a message.
package main

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
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

const (
	height      = 8
	width       = 1 << height
	cosignature = 4 // signature type of C2SP tlog-cosignature
)

type found struct {
	Origin  string   `json:"origin"`
	Size    int64    `json:"size"`
	Root    string   `json:"root"`
	Signers []string `json:"signers"`
	Entries int64    `json:"entries"`
	Records int64    `json:"records"`
	Trees   int      `json:"trees"`
}

type asked struct {
	Records []struct {
		Index int64       `json:"index"`
		Path  []tlog.Hash `json:"path"`
	} `json:"records"`
	Trees []struct {
		Size int64       `json:"size"`
		Root tlog.Hash   `json:"root"`
		Path []tlog.Hash `json:"path"`
	} `json:"trees"`
}

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(args []string) error {
	var told *found
	var err error
	switch {
	case len(args) > 2 && args[0] == "folder":
		told, err = checkFolder(folder(args[1]), args[2:])
	case len(args) > 3 && args[0] == "proof":
		told, err = checkProof(args[1], args[2], args[3:])
	default:
		err = errors.New("usage: oracle folder DIR KEY... | oracle proof PROOF ENTRY KEY...")
	}
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(told)
}

// A witness's key; package note knows no type but its own, 1.
type witness struct {
	name string
	hash uint32
	key  ed25519.PublicKey
}

func (w witness) Name() string    { return w.name }
func (w witness) KeyHash() uint32 { return w.hash }
func (w witness) Verify(text, sig []byte) bool {
	if len(sig) != 8+ed25519.SignatureSize {
		return false
	}
	at := binary.BigEndian.Uint64(sig)
	return ed25519.Verify(w.key, []byte(fmt.Sprintf("cosignature/v1\ntime %d\n%s", at, text)), sig[8:])
}

func verifierOf(text string) (note.Verifier, error) {
	parts := strings.SplitN(text, "+", 3)
	if len(parts) != 3 {
		return nil, fmt.Errorf("no verifier key: %q", text)
	}
	raw, err := base64.StdEncoding.DecodeString(parts[2])
	if err != nil || len(raw) != 1+ed25519.PublicKeySize || raw[0] != cosignature {
		return note.NewVerifier(text)
	}
	sum := sha256.Sum256(append([]byte(parts[0]+"\n"), raw...))
	if fmt.Sprintf("%x", sum[:4]) != parts[1] {
		return nil, fmt.Errorf("the key's hash differs: %q", text)
	}
	return witness{parts[0], binary.BigEndian.Uint32(sum[:4]), raw[1:]}, nil
}

// Every key must have signed.
func openCheckpoint(msg []byte, keys []string) (*found, tlog.Tree, error) {
	var tree tlog.Tree
	var verifiers []note.Verifier
	for _, key := range keys {
		verifier, err := verifierOf(key)
		if err != nil {
			return nil, tree, err
		}
		verifiers = append(verifiers, verifier)
	}
	opened, err := note.Open(msg, note.VerifierList(verifiers...))
	if err != nil {
		return nil, tree, err
	}
	if len(opened.Sigs) != len(keys) {
		return nil, tree, fmt.Errorf("%d of %d keys signed", len(opened.Sigs), len(keys))
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) < 4 || lines[0] != verifiers[0].Name() {
		return nil, tree, fmt.Errorf("no checkpoint of %s: %q", verifiers[0].Name(), opened.Text)
	}
	if tree.N, err = strconv.ParseInt(lines[1], 10, 64); err != nil {
		return nil, tree, err
	}
	if tree.Hash, err = tlog.ParseHash(lines[2]); err != nil {
		return nil, tree, err
	}
	told := &found{Origin: lines[0], Size: tree.N, Root: fmt.Sprintf("%x", tree.Hash[:])}
	for _, sig := range opened.Sigs {
		told.Signers = append(told.Signers, sig.Name)
	}
	return told, tree, nil
}

// A static folder is a reader of tiles: Go's paths name the height after "tile/", C2SP's do not.
type folder string

func (dir folder) Height() int                     { return height }
func (dir folder) SaveTiles([]tlog.Tile, [][]byte) {}
func (dir folder) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var data [][]byte
	for _, tile := range tiles {
		read, err := dir.read(tile)
		if err != nil {
			return nil, err
		}
		data = append(data, read)
	}
	return data, nil
}

func (dir folder) read(tile tlog.Tile) ([]byte, error) {
	path := strings.TrimPrefix(tile.Path(), fmt.Sprintf("tile/%d/", height))
	path = strings.Replace(path, "data/", "entries/", 1)
	return os.ReadFile(filepath.Join(string(dir), "tile", path))
}

func (dir folder) bundle(tile tlog.Tile) ([][]byte, error) {
	data, err := dir.read(tile)
	if err != nil {
		return nil, err
	}
	var entries [][]byte
	for len(data) >= 2 {
		end := 2 + int(binary.BigEndian.Uint16(data))
		if end > len(data) {
			break
		}
		entries, data = append(entries, data[2:end]), data[end:]
	}
	if len(data) != 0 || len(entries) != tile.W {
		return nil, fmt.Errorf("%s is no bundle of %d entries", tile.Path(), tile.W)
	}
	return entries, nil
}

func checkFolder(dir folder, keys []string) (*found, error) {
	msg, err := os.ReadFile(filepath.Join(string(dir), "checkpoint"))
	if err != nil {
		return nil, err
	}
	told, tree, err := openCheckpoint(msg, keys)
	if err != nil {
		return nil, err
	}
	var wanted asked
	if err := json.NewDecoder(os.Stdin).Decode(&wanted); err != nil {
		return nil, err
	}
	hashes := tlog.TileHashReader(tree, dir)
	if root, err := tlog.TreeHash(tree.N, hashes); err != nil || root != tree.Hash {
		return nil, fmt.Errorf("the tiles do not give the signed root: %v", err)
	}
	if err := checkTiles(dir, tree.N, told); err != nil {
		return nil, err
	}
	if err := checkEntries(dir, tree, hashes, told); err != nil {
		return nil, err
	}
	return told, checkAsked(&wanted, tree, hashes, told)
}

// Every tile of hashes is what the entries under it give, whether or not a proof would read it.
func checkTiles(dir folder, size int64, told *found) error {
	var stored []tlog.Hash
	reader := tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		var list []tlog.Hash
		for _, index := range indexes {
			list = append(list, stored[index])
		}
		return list, nil
	})
	for n := int64(0); n < size; n += width {
		entries, err := dir.bundle(tlog.Tile{H: height, L: -1, N: n / width, W: int(min(width, size-n))})
		if err != nil {
			return err
		}
		for _, entry := range entries {
			hashes, err := tlog.StoredHashes(told.Entries, entry, reader)
			if err != nil {
				return err
			}
			stored = append(stored, hashes...)
			told.Entries++
		}
	}
	for _, tile := range tlog.NewTiles(height, 0, size) {
		if int64(tile.W) < min(width, size>>(height*tile.L)-tile.N*width) {
			continue // a narrower one, of an earlier size
		}
		want, err := tlog.ReadTileData(tile, reader)
		if err != nil {
			return err
		}
		if have, err := dir.read(tile); err != nil || !bytes.Equal(have, want) {
			return fmt.Errorf("%s is not the tile over its entries: %v", tile.Path(), err)
		}
	}
	return nil
}

// Some entries, the first and last of every bundle among them, by a proof of Go's own.
func checkEntries(dir folder, tree tlog.Tree, hashes tlog.HashReader, told *found) error {
	for n := int64(0); n < tree.N; n += width {
		count := min(width, tree.N-n)
		entries, err := dir.bundle(tlog.Tile{H: height, L: -1, N: n / width, W: int(count)})
		if err != nil {
			return err
		}
		for _, at := range []int64{0, count / 3, count - 1} {
			proof, err := tlog.ProveRecord(tree.N, n+at, hashes)
			if err != nil {
				return err
			}
			leaf := tlog.RecordHash(entries[at])
			if err := tlog.CheckRecord(proof, tree.N, tree.Hash, n+at, leaf); err != nil {
				return fmt.Errorf("entry %d: %w", n+at, err)
			}
			told.Records++
		}
	}
	return nil
}

// The proofs this project made: right, and the same hashes as Go's.
func checkAsked(wanted *asked, tree tlog.Tree, hashes tlog.HashReader, told *found) error {
	for _, one := range wanted.Records {
		leaf, err := hashes.ReadHashes([]int64{tlog.StoredHashIndex(0, one.Index)})
		if err != nil {
			return err
		}
		own, err := tlog.ProveRecord(tree.N, one.Index, hashes)
		if err != nil || fmt.Sprint(own) != fmt.Sprint(tlog.RecordProof(one.Path)) {
			return fmt.Errorf("the proof of entry %d is another: %v", one.Index, err)
		}
		if err := tlog.CheckRecord(one.Path, tree.N, tree.Hash, one.Index, leaf[0]); err != nil {
			return fmt.Errorf("the proof of entry %d: %w", one.Index, err)
		}
		told.Records++
	}
	for _, one := range wanted.Trees {
		own, err := tlog.ProveTree(tree.N, one.Size, hashes)
		if err != nil || fmt.Sprint(own) != fmt.Sprint(tlog.TreeProof(one.Path)) {
			return fmt.Errorf("the proof from size %d is another: %v", one.Size, err)
		}
		if err := tlog.CheckTree(one.Path, tree.N, tree.Hash, one.Size, one.Root); err != nil {
			return fmt.Errorf("the proof from size %d: %w", one.Size, err)
		}
		told.Trees++
	}
	return nil
}

func checkProof(path, entry string, keys []string) (*found, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	record, err := os.ReadFile(entry)
	if err != nil {
		return nil, err
	}
	parts := strings.SplitN(string(text), "\n\n", 2)
	lines := strings.Split(parts[0], "\n")
	if len(parts) != 2 || len(lines) < 2 || lines[0] != "c2sp.org/tlog-proof@v1" {
		return nil, errors.New("no tlog-proof")
	}
	index, err := strconv.ParseInt(strings.TrimPrefix(lines[1], "index "), 10, 64)
	if err != nil {
		return nil, err
	}
	var proof tlog.RecordProof
	for _, line := range lines[2:] {
		hash, err := tlog.ParseHash(line)
		if err != nil {
			return nil, err
		}
		proof = append(proof, hash)
	}
	told, tree, err := openCheckpoint([]byte(parts[1]), keys)
	if err != nil {
		return nil, err
	}
	told.Records = 1
	return told, tlog.CheckRecord(proof, tree.N, tree.Hash, index, tlog.RecordHash(record))
}

func min(a, b int64) int64 {
	if a < b {
		return a
	}
	return b
}
