/** The REST half of the reference client: one call, one answer or one ApiError. No dependencies. */

/** An answer other than 2xx. `status` 0: no answer at all. */
export class ApiError extends Error {
	constructor(status, { code = "error", detail = "", field = null, value = null } = {}) {
		super(detail || code);
		Object.assign(this, { status, code, detail, field, value });
	}
}

/** One REST call. Resolves to the parsed body, or null where there is none; rejects with ApiError. */
export async function call(base, method, path, { body, token } = {}) {
	const headers = {};
	if (token) headers.authorization = `Bearer ${token}`;
	if (body !== undefined) headers["content-type"] = "application/json";
	let response;
	try {
		response = await fetch(new URL(`api/v1${path}`, base), {
			method, headers, body: body === undefined ? undefined : JSON.stringify(body),
		});
	} catch {
		throw new ApiError(0, { code: "offline", detail: "the server cannot be reached" });
	}
	const parsed = await response.json().catch(() => null);
	if (!response.ok) throw new ApiError(response.status, parsed?.error ?? { detail: response.statusText });
	return parsed;
}
