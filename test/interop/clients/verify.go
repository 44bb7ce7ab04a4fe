// Go's crypto/x509 on chains and CRLs: questions as JSON on standard input, one answer for each on standard output.
package main

import (
	"crypto/x509"
	"encoding/json"
	"os"
)

// All in DER.
type question struct {
	Name   string
	Leaf   []byte
	Issuer []byte
	Root   []byte
	Crl    []byte
}

// Empty strings where all is well.
type answer struct {
	Chain  string `json:"chain"`
	Crl    string `json:"crl"`
	Listed bool   `json:"listed"`
}

func verify(asked question) (said answer) {
	leaf, err := x509.ParseCertificate(asked.Leaf)
	if err != nil {
		return answer{Chain: err.Error()}
	}
	issuer, err := x509.ParseCertificate(asked.Issuer)
	if err != nil {
		return answer{Chain: err.Error()}
	}
	root, err := x509.ParseCertificate(asked.Root)
	if err != nil {
		return answer{Chain: err.Error()}
	}
	roots, between := x509.NewCertPool(), x509.NewCertPool()
	roots.AddCert(root)
	between.AddCert(issuer)
	options := x509.VerifyOptions{DNSName: asked.Name, Roots: roots, Intermediates: between}
	if _, err := leaf.Verify(options); err != nil {
		said.Chain = err.Error()
	}
	crl, err := x509.ParseRevocationList(asked.Crl)
	if err == nil {
		err = crl.CheckSignatureFrom(issuer)
	}
	if err != nil {
		said.Crl = err.Error()
		return said
	}
	for _, entry := range crl.RevokedCertificateEntries {
		if entry.SerialNumber.Cmp(leaf.SerialNumber) == 0 {
			said.Listed = true
		}
	}
	return said
}

func main() {
	var questions []question
	if err := json.NewDecoder(os.Stdin).Decode(&questions); err != nil {
		panic(err)
	}
	answers := make([]answer, len(questions))
	for i, asked := range questions {
		answers[i] = verify(asked)
	}
	if err := json.NewEncoder(os.Stdout).Encode(answers); err != nil {
		panic(err)
	}
}
