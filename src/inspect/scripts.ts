/**
 * Script id → URL. Two ways:
 *
 * 1. A thrown error in the Runtime domain lists the scripts on the stack: 0.3 ms, and often the one that is asked for.
 * 2. `Debugger.enable` lists all scripts: 15–50 ms, 100 ms in a large program. Only when the first way does not know the
 *    id; counted, because the developer pays for it in the event loop.
 */
import { during, post, remotesAreGone } from "./inspector.ts";

const urls = new Map<string, string>();
let enables = 0;

/** How often the expensive way was taken in this process. */
export function debuggerEnables(): number {
  return enables;
}

export function scriptUrl(id: string): string | undefined {
  if (!urls.has(id)) readStack();
  if (!urls.has(id)) readAll();
  return urls.get(id);
}

/** What V8 runs, after whatever transforms the file went through. Takes the expensive way. */
export function scriptSource(id: string): string | undefined {
  enables++;
  try {
    post("Debugger.enable", { maxScriptsCacheSize: 0 });
    return post<{ scriptSource: string }>("Debugger.getScriptSource", { scriptId: id }).scriptSource;
  } finally {
    post("Debugger.disable");
  }
}

interface Thrown {
  readonly exceptionDetails?: {
    readonly stackTrace?: {
      readonly callFrames: readonly { readonly scriptId: string; readonly url: string }[];
    };
  };
}

function readStack(): void {
  post("Runtime.enable");
  try {
    const thrown = post<Thrown>("Runtime.evaluate", { expression: "throw new Error()", silent: true });
    for (const { scriptId, url } of thrown.exceptionDetails?.stackTrace?.callFrames ?? []) {
      urls.set(scriptId, url);
    }
  } finally {
    post("Runtime.disable");
    remotesAreGone();
  }
}

function readAll(): void {
  enables++;
  const collect = ({ scriptId, url }: { scriptId: string; url: string }): void =>
    void urls.set(scriptId, url);
  during("Debugger.scriptParsed", collect, () => {
    try {
      post("Debugger.enable", { maxScriptsCacheSize: 0 });
    } finally {
      post("Debugger.disable");
    }
  });
}
