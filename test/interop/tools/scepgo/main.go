// Enrols and renews with github.com/smallstep/scep, which writes and reads every message; these lines carry them over HTTP.
package main

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/smallstep/pkcs7"
	"github.com/smallstep/scep"
	"github.com/smallstep/scep/x509util"
)

var (
	url       = flag.String("url", "", "of the SCEP server")
	name      = flag.String("name", "", "DNS name to ask for")
	challenge = flag.String("challenge", "", "challengePassword")
	keyFile   = flag.String("key", "", "where the new key goes")
	certFile  = flag.String("cert", "", "where the new certificate goes")
	oldKey    = flag.String("old-key", "", "key of the certificate that is renewed")
	oldCert   = flag.String("old-cert", "", "certificate that is renewed")
	patience  = flag.Int("patience", 0, "seconds to send the same request again while it is pending")
)

func main() {
	flag.Parse()
	// The library's own defaults are single DES and SHA-1.
	pkcs7.ContentEncryptionAlgorithm = pkcs7.EncryptionAlgorithmAES256CBC
	must(pkcs7.SetDefaultDigestAlgorithm(pkcs7.OIDDigestAlgorithmSHA256))
	if err := enrol(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func enrol() error {
	capabilities := string(get("GetCACaps"))
	for _, wanted := range []string{"AES", "POSTPKIOperation", "SHA-256"} {
		if !strings.Contains(capabilities, wanted+"\n") {
			return fmt.Errorf("the server has no %s: %q", wanted, capabilities)
		}
	}
	chain, err := scep.CACerts(get("GetCACert"))
	if err != nil {
		return err
	}
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	must(err)
	csr := request(key)
	template := &scep.PKIMessage{MessageType: scep.PKCSReq, Recipients: chain, SignerKey: key, SignerCert: selfSigned(key)}
	if *oldCert != "" {
		if !strings.Contains(capabilities, "Renewal\n") {
			return errors.New("the server does not renew")
		}
		template.MessageType, template.SignerKey, template.SignerCert = scep.RenewalReq, readKey(*oldKey), readCert(*oldCert)
	} else {
		template.CSRReqMessage = &scep.CSRReqMessage{ChallengePassword: *challenge}
	}
	message, err := scep.NewCSRRequest(csr, template, scep.WithCertsSelector(scep.EnciphermentCertsSelector()))
	if err != nil {
		return err
	}
	for deadline := time.Now().Add(time.Duration(*patience) * time.Second); ; time.Sleep(200 * time.Millisecond) {
		answer, err := scep.ParsePKIMessage(post(message.Raw), scep.WithCACerts(chain))
		if err != nil {
			return err
		}
		switch answer.PKIStatus {
		case scep.SUCCESS:
			if err := answer.DecryptPKIEnvelope(template.SignerCert, template.SignerKey); err != nil {
				return err
			}
			write(*keyFile, "RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(key))
			write(*certFile, "CERTIFICATE", answer.CertRepMessage.Certificate.Raw)
			return nil
		case scep.PENDING:
			if time.Now().After(deadline) {
				return errors.New("pending")
			}
			fmt.Println("pending")
		default:
			return fmt.Errorf("refused: %s", answer.FailInfo)
		}
	}
}

func request(key *rsa.PrivateKey) *x509.CertificateRequest {
	template := x509util.CertificateRequest{
		CertificateRequest: x509.CertificateRequest{Subject: pkix.Name{CommonName: *name}, DNSNames: []string{*name}},
		ChallengePassword:  *challenge,
	}
	der, err := x509util.CreateCertificateRequest(rand.Reader, &template, key)
	must(err)
	csr, err := x509.ParseCertificateRequest(der)
	must(err)
	return csr
}

func selfSigned(key *rsa.PrivateKey) *x509.Certificate {
	template := x509.Certificate{
		SerialNumber: big.NewInt(1),
		Subject:      pkix.Name{CommonName: *name},
		NotBefore:    time.Now().Add(-time.Hour),
		NotAfter:     time.Now().Add(time.Hour),
		KeyUsage:     x509.KeyUsageDigitalSignature | x509.KeyUsageKeyEncipherment,
	}
	der, err := x509.CreateCertificate(rand.Reader, &template, &template, key.Public(), key)
	must(err)
	certificate, err := x509.ParseCertificate(der)
	must(err)
	return certificate
}

func get(operation string) []byte {
	response, err := http.Get(*url + "?operation=" + operation)
	must(err)
	return body(response)
}

func post(message []byte) []byte {
	response, err := http.Post(*url+"?operation=PKIOperation", "application/x-pki-message", bytes.NewReader(message))
	must(err)
	return body(response)
}

func body(response *http.Response) []byte {
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	must(err)
	if response.StatusCode != http.StatusOK {
		must(fmt.Errorf("HTTP %d: %s", response.StatusCode, content))
	}
	return content
}

func readBlock(file string) []byte {
	text, err := os.ReadFile(file)
	must(err)
	block, _ := pem.Decode(text)
	return block.Bytes
}

func readKey(file string) *rsa.PrivateKey {
	key, err := x509.ParsePKCS1PrivateKey(readBlock(file))
	must(err)
	return key
}

func readCert(file string) *x509.Certificate {
	certificate, err := x509.ParseCertificate(readBlock(file))
	must(err)
	return certificate
}

func write(file, kind string, content []byte) {
	must(os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: content}), 0o600))
}

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
