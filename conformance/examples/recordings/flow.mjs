// What a client does with the three providers, in the order of a working day: right, or with one mistake.

/** Each mistake, and a case that must fail for it where the tool records the place. */
export const mistakes = {
  "no-grant-type": "fujitsu-aispf.v2.issue",
  "quoted-bearer": "jooto.use.bearer",
  "two-credentials": "fujitsu-aispf.v2.one-at-a-time",
  "old-token": "marketo.refused.602",
};

// The emulator's own credentials, all of them canaries.
const key = "CANARY-aispf-primary-key";
const aispf = { clientId: "aispf-client", clientSecret: "CANARY-aispf-secret" };
const jooto = { client_id: "jooto-client", client_secret: "CANARY-jooto-secret" };
const marketo = { client_id: "marketo-client", client_secret: "CANARY-marketo-secret" };

/** What no report may show: how every credential above and every token of the emulator begins. */
export const secrets = ["CANARY-aispf", "CANARY-jooto", "CANARY-marketo", "CANARY-state"];

const form = (fields) => ({
  headers: { "Content-Type": "application/x-www-form-urlencoded" },
  body: new URLSearchParams(fields).toString(),
});
const json = (value) => ({ headers: { "Content-Type": "application/json" }, body: JSON.stringify(value) });

/**
 * Sends the requests of one client through a tool that records them.
 *
 * @param tool `send({ method, url, headers, body })` answers `{ status, text }`; `login(url)` follows the redirect
 *   of the login and answers the URL of the callback; `control(path)` is not to be recorded.
 */
export async function flow(tool, servers, mistake) {
  const send = async (url, { method = "GET", headers = {}, body, status = 200 } = {}) => {
    const answer = await tool.send({ method, url, headers, body });
    if (answer.status !== status) throw new Error(`${method} ${url.split("?")[0]}: status ${answer.status}`);
    return answer.text ? JSON.parse(answer.text) : undefined;
  };
  const post = (url, content, more = {}) =>
    send(url, { method: "POST", ...content, ...more, headers: { ...content.headers, ...more.headers } });

  await aispfFlow(send, post, servers.aispf, mistake);
  await jootoFlow(send, post, tool.login, servers, mistake);
  await marketoFlow(send, tool.control, servers.marketo, mistake);
}

async function aispfFlow(send, post, base, mistake) {
  const jobs = `${base}/da/v2/async/jobs`;
  await send(jobs, { headers: { "X-Api-Key": key } });

  const basic = btoa(`${aispf.clientId}:${aispf.clientSecret}`);
  const grant = form(mistake === "no-grant-type" ? {} : { grant_type: "client_credentials" });
  const v2 = await post(`${base}/v2/tokens`, grant, { headers: { Authorization: `Basic ${basic}` } });
  const both = mistake === "two-credentials" ? { "X-Api-Key": key } : {};
  const status = mistake === "two-credentials" ? 400 : 200;
  for (let call = 0; call < 2; call += 1) {
    await send(jobs, { headers: { "X-Access-Token": v2.access_token, ...both }, status });
  }

  const v1 = await post(`${base}/v1/tokens`, json(aispf));
  await send(jobs, { headers: { "X-Access-Token": v1.accessToken } });
  const refresh = json({ refreshToken: v1.refreshToken });
  const newer = await send(`${base}/v1/tokens`, { method: "PATCH", ...refresh });
  await send(jobs, { headers: { "X-Access-Token": newer.accessToken } });
}

async function jootoFlow(send, post, login, servers, mistake) {
  const base = servers.jooto;
  await send(`${base}/organizations`, { headers: { "X-Jooto-Api-Key": "hogehoge" } });

  const state = "CANARY-state-0123456789abcdef";
  const question = {
    client_id: jooto.client_id,
    redirect_uri: servers.callback,
    response_type: "code",
    state,
    organization_id: "1",
  };
  const callback = new URL(await login(`${base}/oauth2/login?${new URLSearchParams(question)}`));
  if (callback.searchParams.get("state") !== state) throw new Error("the callback has another state");
  const token = await post(`${base}/oauth2/token`, form({
    grant_type: "authorization_code",
    code: callback.searchParams.get("code"),
    redirect_uri: servers.callback,
    ...jooto,
  }));
  const call = (value) => {
    const quoted = mistake === "quoted-bearer";
    const headers = { Authorization: quoted ? `Bearer "${value}"` : `Bearer ${value}` };
    return send(`${base}/organizations/1`, { headers, status: quoted ? 401 : 200 });
  };
  await call(token.access_token);
  const renewed = await post(`${base}/oauth2/token`, form({
    grant_type: "refresh_token",
    refresh_token: token.refresh_token,
    ...jooto,
  }));
  await call(renewed.access_token);
}

async function marketoFlow(send, control, base, mistake) {
  const grant = () => {
    const fields = { grant_type: "client_credentials", ...marketo };
    return send(`${base}/identity/oauth/token?${new URLSearchParams(fields)}`);
  };
  const describe = (token) =>
    send(`${base}/rest/v1/leads/describe.json`, { headers: { Authorization: `Bearer ${token}` } });
  const refused = (answer) => ["601", "602"].includes(answer.errors?.[0]?.code);

  const old = await grant();
  if (refused(await describe(old.access_token))) throw new Error("a new token is refused");
  await control("/__control/expire?provider=marketo");
  if (!refused(await describe(old.access_token))) throw new Error("a token that has expired is good");
  const renewed = await grant();
  const repeated = await describe(mistake === "old-token" ? old.access_token : renewed.access_token);
  if (refused(repeated) !== (mistake === "old-token")) throw new Error("the repetition is answered otherwise");
}
