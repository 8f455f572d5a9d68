# English. One sentence a message; variables in braces. See docs/languages.md.
error-internal = Something went wrong inside Easel. Nothing was charged; the operator finds the cause in the log.
