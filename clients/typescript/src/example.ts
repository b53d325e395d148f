/**
 * Lists the tasks, has a decision made, and reads it back from the log.
 *
 * PLATFORM_URL=http://127.0.0.1:8080 PLATFORM_KEY=ld_… npm run example
 */
import { connect, PlatformError, required } from "./index.js";

function setting(name: string): string {
  const value = process.env[name];
  if (!value) {
    throw new Error(`Set ${name}`);
  }
  return value;
}

const platform = connect(setting("PLATFORM_URL"), setting("PLATFORM_KEY"));

const { items } = await required(platform.GET("/v1/tasks"));
console.log(`tasks: ${items.map((task) => task.name).join(", ")}`);

const task = await required(platform.GET("/v1/tasks/{task}", { params: { path: { task: "pursuit" } } }));
const [state] = (task.stateSchema as { examples?: Record<string, unknown>[] }).examples ?? [];
if (state === undefined) {
  throw new Error("The task gives no example of a state");
}

const decision = await required(
  platform.POST("/v1/tasks/{task}/decisions", { params: { path: { task: task.name } }, body: { state } }),
);
for (const stage of decision.stages) {
  console.log(`${stage.stage}: ${stage.chosen}, decided by ${stage.decidedBy}`);
}

const logged = await required(platform.GET("/v1/decisions/{id}", { params: { path: { id: decision.id } } }));
console.log(`decision ${logged.id}: ${JSON.stringify(logged.output)}`);

try {
  await required(platform.GET("/v1/tasks/{task}", { params: { path: { task: "no-such-task" } } }));
} catch (failure) {
  if (!(failure instanceof PlatformError)) {
    throw failure;
  }
  console.log(`refused: ${failure.status} ${failure.problem?.type}`);
}
