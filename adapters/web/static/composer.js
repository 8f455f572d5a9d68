// Where a request is put together: words or a command, a form of its options, pictures.
const ICONS = {
  attach: "M12 5v14M5 12h14",
  options: "M4 7h10m4 0h2M4 17h2m4 0h10M16 4.500v5M8 14.500v5",
  send: "M12 19V5m0 0-6 6m6-6 6 6",
  close: "M7 7l10 10M17 7 7 17",
};
const MOST_BYTES = 25 * 1024 * 1024;
const DRAFT = "easel request";
const DASH = "(?:--|—|–)";

export default {
  template: `
  <footer class="composer" @dragover.prevent @drop.prevent="dropped">
    <form class="column" @submit.prevent="send">
      <ul v-if="hints.length" id="easel-hints" class="hints" role="listbox" :aria-label="words.command">
        <li v-for="(h, i) in hints" :key="h.value" :id="'easel-hint-' + i" role="option" :aria-selected="i === at" @mousedown.prevent="take(h)" @mousemove="at = i"><b>{{ h.value }}</b><span>{{ h.about }}</span></li>
      </ul>
      <div :class="['sheet', { dragging, waiting: sending }]">
        <div v-if="open && chosen" :class="['options', { apart }]" role="group" :aria-label="words.options" @keydown.esc.prevent.stop="shut">
          <header><b>/{{ chosen.name }}</b><span>{{ apart ? words['options-apart'] : explained || chosen.about }}</span><button v-if="filled.length" type="button" class="quiet" @click="clear">{{ words.clear }}</button></header>
          <label v-for="o in chosen.options" :key="chosen.name + o.name" :title="o.about" @focusin="explained = '--' + o.flag + ': ' + o.about" @focusout="explained = ''">
            <span>{{ o.label }} <small>--{{ o.flag }}</small></span>
            <select v-if="o.choices.length" v-model="given[o.name]" :disabled="apart" :aria-description="o.about">
              <option value="">{{ words.default }}</option>
              <option v-for="c in o.choices" :key="c">{{ c }}</option>
            </select>
            <input v-else-if="o.kind === 'integer'" v-model="given[o.name]" :disabled="apart" type="number" inputmode="numeric" :min="o.least" :max="o.most" :placeholder="o.least + '–' + o.most" :aria-description="o.about" />
            <input v-else v-model="given[o.name]" :disabled="apart" :type="o.secret ? 'password' : 'text'" :list="'easel-list-' + o.name" :placeholder="words.default" autocomplete="off" spellcheck="false" :aria-description="o.about" @focus="look(o)" />
            <datalist v-if="!o.secret" :id="'easel-list-' + o.name"><option v-for="s in o.suggestions.length ? o.suggestions : found[o.name] || []" :key="s" :value="s"></option></datalist>
          </label>
        </div>
        <ul v-if="files.length" class="chosen">
          <li v-for="f in files" :key="f.key" :class="{ wrong: f.wrong, coming: !f.source && !f.wrong }">
            <img v-if="f.look" :src="f.look" :alt="f.name" width="56" height="56" /><span v-else class="blank">{{ ending(f) }}</span>
            <small v-if="f.wrong">{{ f.wrong }}</small>
            <button type="button" :aria-label="words.remove + ': ' + f.name" :title="words.remove" @click="remove(f)"><svg viewBox="0 0 24 24" aria-hidden="true"><path :d="icons.close" /></svg></button>
          </li>
        </ul>
        <textarea ref="text" v-model="text" rows="1" :aria-label="words.words" :placeholder="words.placeholder" :readonly="Boolean(sending)" maxlength="200000" dir="auto" enterkeyhint="send"
          role="combobox" aria-autocomplete="list" aria-controls="easel-hints" :aria-expanded="hints.length > 0" :aria-activedescendant="hints.length ? 'easel-hint-' + at : null"
          @input="typed" @keydown="keyed" @click="suggest" @blur="hints = []" @paste="pasted"></textarea>
        <div class="controls">
          <button type="button" class="tool" :aria-label="words.attach" :title="words.attach" @click="$refs.file.click()"><svg viewBox="0 0 24 24" aria-hidden="true"><path :d="icons.attach" /></svg></button>
          <input ref="file" type="file" accept="image/*" multiple hidden @change="picked" />
          <select v-model="command" class="tool" :disabled="slashed" :aria-label="words.command">
            <option v-for="c in commands" :key="c.name" :value="c.name">/{{ c.name }}</option>
          </select>
          <button type="button" class="tool" :aria-expanded="open" :aria-label="words.options" :title="words.options" @click="open = !open"><svg viewBox="0 0 24 24" aria-hidden="true"><path :d="icons.options" /></svg><i>{{ words.options }}</i><b v-if="filled.length && !apart">{{ filled.length }}</b></button>
          <button type="submit" class="send" :disabled="!sendable" :aria-label="words.send" :title="words.send"><svg viewBox="0 0 24 24" aria-hidden="true"><path :d="icons.send" /></svg></button>
        </div>
        <p v-if="dragging" class="veil">{{ words.drop }}</p>
      </div>
    </form>
  </footer>`,
  props: { commands: Array, words: Object, language: String },
  data() {
    const first = this.commands.find((c) => c.name === "imagine") || this.commands[0];
    return {
      text: "",
      command: first ? first.name : "",
      before: "",
      values: Object.fromEntries(this.commands.map((c) => [c.name, Object.fromEntries(c.options.map((o) => [o.name, ""]))])),
      files: [],
      found: {},
      open: false,
      hints: [],
      at: 0,
      explained: "",
      asked: "",
      sending: "",
      last: "",
      dragging: 0,
      icons: ICONS,
    };
  },
  computed: {
    // The command that a slash at the start names; otherwise the one chosen below.
    slashed() {
      const found = /^\s*[/／](\w+)(\s|$)/.exec(this.text);
      return Boolean(found && this.commands.some((c) => c.name === found[1].toLowerCase()));
    },
    chosen() {
      const found = /^\s*[/／](\w+)/.exec(this.text);
      const name = this.slashed ? found[1].toLowerCase() : this.command;
      return this.commands.find((c) => c.name === name);
    },
    // What the form says for that command; no other has its values.
    given() {
      return this.chosen ? this.values[this.chosen.name] : {};
    },
    filled() {
      return Object.keys(this.given).filter((name) => this.given[name] !== "");
    },
    // A command that is not offered here: the form is not its own.
    apart() {
      return !this.slashed && /^\s*[/／]\w+\s/.test(this.text);
    },
    // What a reload should not lose. Secrets are typed again.
    draft() {
      const kept = ({ name, options }) => options.filter((o) => !o.secret && this.values[name][o.name] !== "").map((o) => [o.name, this.values[name][o.name]]);
      const values = this.commands.map((c) => [c.name, kept(c)]).filter(([, filled]) => filled.length);
      const files = this.files.filter((f) => f.source).map((f) => ({ ...f, look: f.look.startsWith("blob:") ? f.source.replace("web:", "/uploads/") : f.look }));
      return { text: this.text, command: this.command, before: this.before, values, files };
    },
    sendable() {
      const pending = this.files.some((f) => !f.source);
      const something = this.text.trim() || this.files.length || (this.chosen && !this.chosen.needsWords);
      return Boolean(something) && !pending && !this.sending;
    },
  },
  watch: {
    text() {
      this.$nextTick(this.grow);
    },
    command() {
      this.$refs.text.focus();
    },
    draft(draft) {
      sessionStorage.setItem(DRAFT, JSON.stringify(draft));
    },
  },
  mounted() {
    this.restore(JSON.parse(sessionStorage.getItem(DRAFT)));
    this.listeners = {
      "easel:propose": (event) => this.propose(event.detail),
      "easel:use": (event) => this.reuse(event.detail),
      "easel:say": (event) => this.$emit("say", { id: fresh(), text: event.detail }),
      dragenter: (event) => this.drags(event) && this.dragging++,
      dragleave: (event) => this.drags(event) && (this.dragging = Math.max(0, this.dragging - 1)),
      dragover: (event) => this.drags(event) && event.preventDefault(),
      drop: (event) => this.drags(event) && this.dropped(event),
    };
    for (const [name, listener] of Object.entries(this.listeners)) window.addEventListener(name, listener);
    if (matchMedia("(pointer: fine)").matches) this.$refs.text.focus();
  },
  unmounted() {
    for (const [name, listener] of Object.entries(this.listeners)) window.removeEventListener(name, listener);
  },
  methods: {
    // sending

    send() {
      if (!this.sendable) return;
      this.hints = [];
      this.sending = fresh();
      this.sent = this.chosen;
      const options = Object.fromEntries(this.filled.map((name) => [name, String(this.given[name])]));
      const attachments = this.files.map(({ source, name, mime, size }) => ({ source, name, mime, size }));
      this.$emit("say", { id: this.sending, text: this.text, command: this.chosen.name, options, attachments });
    },
    // Only what the server has taken is cleared away. What the next picture would look like stays.
    accepted(id) {
      if (id !== this.sending) return;
      this.sending = "";
      this.last = this.text.trim();
      this.text = "";
      for (const o of this.sent.options) if (!o.stays) this.values[this.sent.name][o.name] = "";
      for (const file of [...this.files]) this.remove(file);
      this.open = false;
      this.$nextTick(() => this.$refs.text.focus());
    },

    clear() {
      for (const name of this.filled) this.given[name] = "";
      this.$refs.text.focus();
    },
    shut() {
      this.open = false;
      this.$refs.text.focus();
    },
    restore(draft) {
      if (!draft) return;
      this.text = draft.text;
      this.files = draft.files;
      if (this.commands.some((c) => c.name === draft.command)) [this.command, this.before] = [draft.command, draft.before];
      for (const [name, filled] of draft.values) {
        for (const [option, value] of filled) if (option in (this.values[name] || {})) this.values[name][option] = value;
      }
    },

    // typing

    typed() {
      this.suggest();
    },
    keyed(event) {
      if (event.isComposing || event.keyCode === 229) return;
      if (this.hints.length && this.browsed(event)) return event.preventDefault();
      if (event.key === "Enter" && !event.shiftKey) {
        event.preventDefault();
        this.send();
      } else if (event.key === "ArrowUp" && !this.text && this.last) {
        event.preventDefault();
        this.text = this.last;
      } else if (event.key === "Escape") {
        this.open = false;
      }
    },
    browsed(event) {
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (step) this.move(step);
      else if (event.key === "Escape") this.hints = [];
      else if (event.key === "Tab" || (event.key === "Enter" && !event.shiftKey && !this.complete())) this.take(this.hints[this.at]);
      else return false;
      return true;
    },
    move(step) {
      this.at = (this.at + step + this.hints.length) % this.hints.length;
      document.getElementById("easel-hint-" + this.at).scrollIntoView({ block: "nearest" });
    },
    complete() {
      return this.partial === this.hints[this.at].value;
    },
    suggest() {
      const box = this.$refs.text;
      const before = this.text.slice(0, box.selectionStart);
      this.at = 0;
      this.asked = "";
      this.hints = box.selectionStart === box.selectionEnd ? this.about(before) : [];
    },
    // What may stand where the caret is: a command, a flag, or a flag's value.
    about(before) {
      let found;
      if ((found = /^\s*[/／]\w*$/.exec(before))) {
        this.partial = found[0].trimStart().replace("／", "/");
        return this.commands.map((c) => ({ value: "/" + c.name, about: c.about })).filter((h) => h.value.startsWith(this.partial.toLowerCase()));
      }
      const options = this.chosen ? this.chosen.options : [];
      if ((found = new RegExp(`(?:^|\\s)(${DASH}[\\w-]*)$`).exec(before))) {
        this.partial = found[1];
        const typed = found[1].replace(/^(--|—|–)/, "--");
        return options.map((o) => ({ value: "--" + o.flag, about: o.about })).filter((h) => h.value.startsWith(typed) && !before.includes(h.value + " "));
      }
      if ((found = new RegExp(`(?:^|\\s)${DASH}([\\w-]+)[ =](\\S*)$`).exec(before))) {
        this.partial = found[2];
        const option = options.find((o) => o.flag === found[1].toLowerCase());
        return option ? this.valuesOf(option, found[2]) : [];
      }
      return [];
    },
    valuesOf(option, typed) {
      const known = option.choices.length ? option.choices : option.suggestions;
      if (!known.length && option.kind === "text") this.request(option, typed);
      return known.filter((v) => v.startsWith(typed.toLowerCase()) && v !== typed).map((value) => ({ value, about: "" }));
    },
    request(option, typed) {
      this.asked = fresh();
      this.$emit("ask", { id: this.asked, option: option.name, typed });
      return this.asked;
    },
    look(option) {
      if (!option.choices.length && !option.suggestions.length) this.lookup = { id: this.request(option, ""), name: option.name };
    },
    // The server's suggestions, for the field that asked or for the caret.
    told(id, values) {
      if (this.lookup && this.lookup.id === id) this.found[this.lookup.name] = values;
      else if (id === this.asked) this.hints = values.map((value) => ({ value: value.split(" ")[0], about: value }));
    },
    take(hint) {
      const box = this.$refs.text;
      const end = box.selectionStart;
      const start = end - this.partial.length;
      this.text = this.text.slice(0, start) + hint.value + " " + this.text.slice(end).trimStart();
      this.hints = [];
      this.$nextTick(() => {
        const caret = start + hint.value.length + 1;
        box.focus();
        box.setSelectionRange(caret, caret);
        this.suggest();
      });
    },
    propose(prompt) {
      this.text = prompt;
      this.$nextTick(() => this.$refs.text.focus());
    },
    grow() {
      const box = this.$refs.text;
      box.style.height = "auto";
      box.style.height = Math.min(box.scrollHeight, 240) + "px";
    },

    // pictures

    drags(event) {
      return [...(event.dataTransfer ? event.dataTransfer.types : [])].includes("Files");
    },
    dropped(event) {
      event.preventDefault();
      event.stopPropagation();
      this.dragging = 0;
      this.add(event.dataTransfer.files);
    },
    pasted(event) {
      if (event.clipboardData.files.length) {
        event.preventDefault();
        this.add(event.clipboardData.files);
      }
    },
    picked(event) {
      this.add(event.target.files);
      event.target.value = "";
    },
    add(files) {
      for (const file of files) {
        const look = file.type.startsWith("image/") ? URL.createObjectURL(file) : "";
        this.files.push({ key: fresh(), name: file.name, mime: file.type, size: file.size, look, source: "", wrong: "" });
        this.upload(this.files[this.files.length - 1], file);
      }
      this.turn();
    },
    async upload(entry, file) {
      if (file.size > MOST_BYTES) {
        entry.wrong = this.words["upload-large"];
        return;
      }
      try {
        const answer = await fetch("/uploads", { method: "POST", body: file });
        if (!answer.ok) throw new Error(String(answer.status));
        entry.source = (await answer.json()).source;
      } catch {
        entry.wrong = this.words["upload-failed"];
      }
    },
    reuse(picture) {
      if (!this.files.some((f) => f.source === picture.source)) {
        const { name, url, bytes, source } = picture;
        this.files.push({ key: fresh(), name, mime: "", size: bytes, look: url, source, wrong: "" });
      }
      this.turn();
      this.$refs.text.focus();
    },
    remove(entry) {
      if (entry.look.startsWith("blob:")) URL.revokeObjectURL(entry.look);
      this.files = this.files.filter((f) => f !== entry);
      this.turn();
    },
    // With pictures the command is one that takes them, without them the one that was chosen before.
    turn() {
      const takes = (c) => c && c.pictures > 0;
      const now = this.commands.find((c) => c.name === this.command);
      if (this.files.length && !takes(now)) {
        const able = this.commands.find(takes);
        if (able) [this.before, this.command] = [this.command, this.carry(this.command, able.name)];
      } else if (!this.files.length && this.before) {
        [this.command, this.before] = [this.carry(this.command, this.before), ""];
      }
    },
    // What was chosen for the one command is meant for the other that takes its place.
    carry(from, to) {
      for (const name of Object.keys(this.values[to])) if (name in this.values[from]) this.values[to][name] = this.values[from][name];
      return to;
    },
    ending(file) {
      return file.name.includes(".") ? file.name.split(".").pop().slice(0, 5) : "?";
    },
  },
};

// randomUUID is missing on plain http from another machine.
function fresh() {
  return Array.from(crypto.getRandomValues(new Uint8Array(12)), (b) => b.toString(16).padStart(2, "0")).join("");
}
