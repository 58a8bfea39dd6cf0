// Shows who is at an event, and asks again every few seconds.
(() => {
  const place = document.getElementById("present");
  const pause = Number(place.dataset.seconds) * 1000;

  const refresh = async () => {
    if (!document.hidden) {
      try {
        const answer = await fetch(place.dataset.address, { redirect: "manual" });
        if (answer.type === "opaqueredirect") {
          location.reload(); // logged out
          return;
        }
        if (answer.ok) place.innerHTML = (await answer.json()).html;
      } catch {
        // No connection: what is shown stays, and is asked for again.
      }
    }
    setTimeout(refresh, pause);
  };

  setTimeout(refresh, pause);
})();
