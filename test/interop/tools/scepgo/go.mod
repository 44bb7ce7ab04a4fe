module trstctl.test/scepgo

go 1.25.0

require (
	github.com/smallstep/pkcs7 v0.2.1
	github.com/smallstep/scep v0.0.0-20260331191114-261f960a40d1
)

require golang.org/x/crypto v0.33.0 // indirect
