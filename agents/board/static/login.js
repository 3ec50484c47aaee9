// Coming in and going out: a token, or a journey to the company's own login and back to the page as it was.
import { byId } from "./dom.js";
import { word } from "./words.js";

const PROBLEMS = ["stale", "denied", "away", "refused", "no_role"];
const problem = PROBLEMS.find((each) => each === new URLSearchParams(location.search).get("login"));

export async function post(path, body) {
  return fetch(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
}

export function askLogin(ways) {
  const [dialog, form] = [byId("login"), byId("login-form")];
  const [hasToken, hasProvider] = ["token", "oidc"].map((way) => ways.includes(way));
  byId("login-hint").textContent = hasToken ? word("login_token") : hasProvider ? "" : word("login_proxy");
  form.querySelector("label").hidden = form.querySelector("button").hidden = !hasToken;
  byId("token").required = hasToken;
  byId("login-oidc").hidden = !hasProvider;
  const back = new URLSearchParams(location.search);
  back.delete("login");
  byId("login-oidc").href = `/login/oidc?${new URLSearchParams({ back: `${location.pathname}?${back}` })}`;
  byId("login-problem").textContent = problem ? word(`login_${problem}`) : "";
  if (!dialog.open) dialog.showModal();
}

async function logIn(submitted, start) {
  submitted.preventDefault();
  const answer = await post("/login", { token: byId("token").value });
  byId("login-problem").textContent = answer.ok ? "" : word("login_wrong");
  byId("token").value = "";
  if (answer.ok) { byId("login").close(); start(); }
}

// The provider would let in whoever comes next without a question, so its own session is ended too.
async function logOut() {
  const answer = await post("/logout", {});
  const { continue_at: onward } = answer.ok ? await answer.json() : {};
  if (onward) location.assign(onward); else location.reload();
}

export function wireLogin(start) {
  byId("logout").addEventListener("click", logOut);
  byId("login-form").addEventListener("submit", (submitted) => logIn(submitted, start));
  byId("login").addEventListener("cancel", (cancelled) => cancelled.preventDefault());
}
