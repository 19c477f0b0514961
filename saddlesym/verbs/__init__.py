"""One verb for one notion: each looks at the problem and calls what its wing has for it."""
