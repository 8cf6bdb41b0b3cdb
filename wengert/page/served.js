// Pages are made by the server of this page.

const NOTHING = "wengert does not answer: start `wengert play` again, and open the address that it prints.";

async function answered(asked) {
  try {
    const answer = await fetch("page", { method: "POST", body: JSON.stringify(asked) });
    return answer.ok ? await answer.json() : { error: await answer.text() };
  } catch {
    return { error: NOTHING };
  }
}

function put(frame, page) {
  frame.src = page;
}
