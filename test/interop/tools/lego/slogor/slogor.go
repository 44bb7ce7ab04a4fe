// Package slogor stands in for the colouring log handler that the registry does not serve: same names, plain text.
package slogor

import (
	"io"
	"log/slog"
)

type OptionFn func(*slog.HandlerOptions)

func SetLevel(level slog.Leveler) OptionFn { return func(o *slog.HandlerOptions) { o.Level = level } }
func SetTimeFormat(string) OptionFn        { return func(*slog.HandlerOptions) {} }
func DisableColor() OptionFn               { return func(*slog.HandlerOptions) {} }

func NewHandler(w io.Writer, options ...OptionFn) slog.Handler {
	var o slog.HandlerOptions
	for _, option := range options {
		option(&o)
	}
	return slog.NewTextHandler(w, &o)
}
