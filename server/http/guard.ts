import "server-only";
import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import type { Settings } from "../settings/schema";

type Role = Settings["auth"]["tokens"][number]["role"];
const ROLES: Role[] = ["viewer", "operator", "admin"];

/** `path` as the routes will see it: decoded, without dot segments. */
export type GuardedRequest = { method: string; path: string; headers: IncomingHttpHeaders };
export type Refusal = { status: 401 | 403; detail: string };
export type GuardPolicy = { auth: Settings["auth"]; host: string };

const LOOPBACK = /^(localhost|127(\.(25[0-5]|2[0-4]\d|1?\d?\d)){3}|\[::1\])(:\d{1,5})?$/i;
const READS = new Set(["GET", "HEAD", "OPTIONS"]);
/** The files have prompts and private comments, and retention deletes. */
const ADMIN_PATHS = /^\/api\/(retention|archives|backups)(\/|$)/;
/** Asked by load balancers, which have no token; they say nothing but whether the process lives. */
const OPEN_PATHS = new Set(["/api/health/live", "/api/health/ready"]);

export function isLoopback(host: string): boolean {
  return host === "::1" || LOOPBACK.test(host);
}

/** Whether a request may pass; null when it may. Everything the server answers goes through it first. */
export function judgeRequest(request: GuardedRequest, { auth, host }: GuardPolicy): Refusal | null {
  return judgeHost(request, auth, host) ?? judgeOrigin(request) ?? judgeToken(request, auth);
}

/** A page elsewhere can point its own name at 127.0.0.1; then the Host header gives it away. */
function judgeHost({ headers }: GuardedRequest, auth: Settings["auth"], host: string): Refusal | null {
  if (auth.enabled && !isLoopback(host)) return null;
  if (headers.host !== undefined && LOOPBACK.test(headers.host)) return null;
  return {
    status: 403,
    detail: `Host ${headers.host ?? "(none)"} is not served here; use localhost or 127.0.0.1`,
  };
}

/** A browser sends Origin with every cross-site post; programs send none. */
function judgeOrigin({ method, headers }: GuardedRequest): Refusal | null {
  if (READS.has(method)) return null;
  const site = headers["sec-fetch-site"];
  if (site === "cross-site" || site === "same-site")
    return { status: 403, detail: "Requests from other sites are refused" };
  const { origin } = headers;
  if (origin === undefined || (URL.canParse(origin) && new URL(origin).host === headers.host)) return null;
  return { status: 403, detail: `Requests from ${origin} are refused` };
}

function judgeToken(request: GuardedRequest, auth: Settings["auth"]): Refusal | null {
  if (!auth.enabled || OPEN_PATHS.has(request.path)) return null;
  const token = tokenOf(request.headers.authorization);
  const known = token === null ? undefined : auth.tokens.find(({ sha256 }) => sameDigest(token, sha256));
  if (!known)
    return {
      status: 401,
      detail: "A token is needed: Authorization: Bearer TOKEN, or the token as password",
    };
  const needed = neededRole(request);
  if (ROLES.indexOf(known.role) >= ROLES.indexOf(needed)) return null;
  return { status: 403, detail: `This needs the role ${needed}, the token has ${known.role}` };
}

function neededRole({ method, path }: GuardedRequest): Role {
  if (ADMIN_PATHS.test(path)) return "admin";
  if (READS.has(method) || path === "/api/route/explain") return "viewer";
  return /^\/api\/(pools|imports)(\/|$)/.test(path) ? "admin" : "operator";
}

/** Browsers send what was typed into their own login box as HTTP Basic; its password is the token. */
function tokenOf(header: string | undefined): string | null {
  const [scheme, value] = (header ?? "").split(" ");
  if (!scheme || !value) return null;
  if (scheme.toLowerCase() === "bearer") return value;
  if (scheme.toLowerCase() !== "basic") return null;
  const decoded = Buffer.from(value, "base64").toString("utf8");
  return decoded.slice(decoded.indexOf(":") + 1);
}

function sameDigest(token: string, digest: string): boolean {
  const found = createHash("sha256").update(token).digest();
  return timingSafeEqual(found, Buffer.from(digest, "hex"));
}
