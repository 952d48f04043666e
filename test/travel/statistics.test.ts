import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { node, project } from "./programs.ts";

const exported = fileURLToPath(new URL("../fixtures/travel/exported.mjs", import.meta.url));
const registered = fileURLToPath(new URL("../fixtures/travel/registered.mjs", import.meta.url));
const commonjs = fileURLToPath(new URL("../fixtures/travel/commonjs.cjs", import.meta.url));

test("the expensive lookup is counted, and taken only where nothing else helps", async () => {
  const folder = project({
    "more.mjs": "export const more = (n) => n;",
    "main.mjs": `
      import { ThreadPoolExecutor } from "offloop";
      import commonjs from ${JSON.stringify(commonjs)};
      import { api, arrow, plain } from ${JSON.stringify(exported)};
      import { add1, alias } from ${JSON.stringify(registered)};
      const pool = new ThreadPoolExecutor({ maxWorkers: 1 });
      async function after(...fns) {
        for (const fn of fns) await pool.submit(fn, [1]).catch(() => {});
        console.log(pool.statistics().debuggerEnables);
      }
      await after(add1, alias, Math.max, JSON.parse, commonjs.plain, commonjs.arrow, commonjs.compiled);
      await after(((n) => () => n)(1), () => 1, function () {});
      await after(plain, arrow, api.parse, plain);
      const { more } = await import("./more.mjs");
      await after(more, plain);`,
  });
  const { values, stderr } = await node(["main.mjs"], { cwd: folder });
  expect(values, stderr).toEqual([0, 0, 1, 2]);
});
