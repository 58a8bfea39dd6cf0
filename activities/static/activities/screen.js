// Shows an event's code, and the next one when it comes. A code that is over is not shown.
(() => {
  const place = document.getElementById("code");
  const said = document.getElementById("said");
  const often = 5;

  const show = (svg, text) => {
    place.innerHTML = svg;
    said.textContent = text;
  };

  const refresh = async () => {
    let pause = often;
    try {
      const answer = await fetch(place.dataset.address, { redirect: "manual" });
      if (answer.type === "opaqueredirect") {
        location.reload(); // logged out
        return;
      }
      if (!answer.ok) throw new Error(answer.status);
      const told = await answer.json();
      show(told.svg, told.said);
      if (told.seconds) pause = Math.min(often, told.seconds + 0.05);
    } catch {
      show("", place.dataset.trouble);
    }
    setTimeout(refresh, pause * 1000);
  };

  refresh();
})();
