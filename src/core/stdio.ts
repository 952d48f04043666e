/**
 * Where what tasks print goes: to the program's own streams, nowhere, or all of it to the program's stderr.
 */
export type Stdio = "inherit" | "ignore" | "stderr";
