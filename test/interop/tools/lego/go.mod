// Builds the stock lego with the two DNS providers that a test can drive; see slogor/slogor.go for what is replaced.
module trstctl.test/lego

go 1.26.0

require github.com/go-acme/lego/v5 v5.6.0

replace gitlab.com/greyxor/slogor => ./slogor
