/* The review page by keyboard. Without this file every field can be reached by Tab. */
"use strict";

(() => {
  const form = document.getElementById("review-form");
  const posts = [...document.querySelectorAll(".review-post")];
  const KEYS = { a: "approved", f: "featured", r: "rejected" };
  let current = 0;

  if (!form || !posts.length) {
    return;
  }

  const show = (index) => {
    current = Math.max(0, Math.min(index, posts.length - 1));
    posts.forEach((post, number) => {
      post.style.outline = number === current ? "2px solid currentColor" : "";
      post.style.outlineOffset = ".5rem";
    });
    posts[current].focus({ preventScroll: true });
    posts[current].scrollIntoView({ block: "nearest" });
  };

  const inputs = (name) => [...posts[current].querySelectorAll(`input[name$="-${name}"]`)];

  const choose = (name, value) => {
    const found = inputs(name).find((input) => input.value === value);
    if (found) {
      found.checked = true;
    }
  };

  const clear = () => {
    [...inputs("decision"), ...inputs("grade")].forEach((input) => {
      input.checked = false;
    });
    inputs("reason").forEach((input) => {
      input.value = "";
    });
  };

  form.addEventListener("focusin", (event) => {
    const index = posts.indexOf(event.target.closest(".review-post"));
    if (index >= 0 && index !== current) {
      current = index;
      show(index);
      event.target.focus({ preventScroll: true });
    }
  });

  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      form.requestSubmit(form.querySelector('[name="decide"]'));
      return;
    }
    const typing = event.target.matches("input:not([type=radio]), textarea, select");
    if (typing && event.key === "Escape") {
      posts[current].focus();
    }
    if (typing || event.ctrlKey || event.altKey || event.metaKey) {
      return;
    }
    if (event.key === "j" || event.key === "k") {
      show(current + (event.key === "j" ? 1 : -1));
    } else if (event.key in KEYS) {
      choose("decision", KEYS[event.key]);
      if (event.key === "r") {
        inputs("reason")[0].focus();
      }
    } else if (/^[0-5]$/.test(event.key)) {
      choose("grade", event.key);
      if (!inputs("decision").some((input) => input.checked)) {
        choose("decision", "approved");
      }
    } else if (event.key === "u") {
      clear();
    } else {
      return;
    }
    event.preventDefault();
  });

  show(0);
})();
