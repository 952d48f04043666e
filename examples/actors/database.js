/**
 * SQLite is synchronous: a query takes as long as it takes, and all requests wait. Here it lives in a thread.
 */
import { DatabaseSync } from "node:sqlite";

export class Database {
  #db;

  constructor(path) {
    this.#db = new DatabaseSync(path);
    this.#db.exec("CREATE TABLE IF NOT EXISTS words (word TEXT, length INTEGER)");
  }

  fill(count) {
    const insert = this.#db.prepare("INSERT INTO words VALUES (?, ?)");
    this.#db.exec("BEGIN");
    for (let n = 0; n < count; n++) insert.run(`word-${n}`, (n * 7919) % 97);
    this.#db.exec("COMMIT");
  }

  /** A join without an index: a second or so, as a forgotten one costs in a service. */
  slowCount() {
    const sql = "SELECT count(*) AS pairs FROM words a JOIN words b ON a.length + b.length = 96";
    return this.#db.prepare(sql).get().pairs;
  }

  /** Rows as they come, to a function of the caller's. */
  async each(sql, callback) {
    for (const row of this.#db.prepare(sql).iterate()) await callback({ ...row });
  }

  [Symbol.dispose]() {
    this.#db.close();
  }
}
