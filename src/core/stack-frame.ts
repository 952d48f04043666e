/** Where code is: a function name, a file, and a 1-based line and column. */
export interface StackFrame {
  function: string;
  file: string;
  line: number;
  column: number;
}
