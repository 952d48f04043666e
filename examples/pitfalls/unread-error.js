// An error nobody read: Promise.all tells the first one only.
import { gather, TaskGroup } from "offloop/tasks";

const fails = async (what) => {
  throw new Error(`${what} is down`);
};

// Wrong: that the cache is down, too, is lost.
console.log((await Promise.all([fails("database"), fails("cache")]).catch((error) => error)).message); // => database is down

// Right: all of them, in their places,
const results = await gather([fails("database"), fails("cache")], { returnErrors: true });
console.log(results.map(({ message }) => message)); // => [ 'database is down', 'cache is down' ]

// or as one error that has them all, once all have ended.
const both = await TaskGroup.run((group) => {
  void group.spawn(() => fails("database"));
  void group.spawn(() => fails("cache"));
}).catch((error) => error);
console.log(both.errors.length, both.cause.message); // => 2 database is down
