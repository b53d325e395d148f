/** The platform's API, typed by the document that it serves at `/v1/openapi.json`. */
import createClient, { type Client } from "openapi-fetch";
import type { components, paths } from "./api.js";

export type { components, operations, paths } from "./api.js";

/** What the API speaks of, by name: `Schema<"Decision">`. */
export type Schema<Name extends keyof components["schemas"]> = components["schemas"][Name];

export type Platform = Client<paths>;

/** Every failure is a problem detail (RFC 9457); `type` is stable, `detail` is for people. */
export class PlatformError extends Error {
  constructor(
    readonly status: number,
    readonly problem: Schema<"Problem"> | undefined,
  ) {
    super(problem?.detail ?? problem?.title ?? `The platform answered ${status}`);
    this.name = "PlatformError";
  }
}

/**
 * A client of one platform. Its calls are those of openapi-fetch: `platform.GET("/v1/tasks/{task}", { params: … })`.
 *
 * @param url where the gateway is, for example `http://127.0.0.1:8080`
 * @param key an API key, or a token of the platform's OpenID Connect issuer
 */
export function connect(url: string, key: string): Platform {
  return createClient<paths>({ baseUrl: url.replace(/\/+$/, ""), headers: { Authorization: `Bearer ${key}` } });
}

/** Some operations answer with text as well, a stream of events, to whoever asks for it by `Accept`. */
type Json<Data> = [Exclude<Data, string>] extends [never] ? Data : Exclude<Data, string>;

/** What a call answered. @throws PlatformError where it failed */
export async function required<Data>(
  call: Promise<{ data?: Data; error?: unknown; response: Response }>,
): Promise<Json<NonNullable<Data>>> {
  const { data, error, response } = await call;
  if (!response.ok || data === undefined || data === null) {
    throw new PlatformError(response.status, isProblem(error) ? error : undefined);
  }
  return data as Json<NonNullable<Data>>;
}

function isProblem(value: unknown): value is Schema<"Problem"> {
  return typeof value === "object" && value !== null && "type" in value && "status" in value;
}
