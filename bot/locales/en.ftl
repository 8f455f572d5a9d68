# English. One sentence a message; variables in braces. See docs/languages.md.
error-internal = Something went wrong inside Easel; nothing was charged, and the operator finds the cause in the log.

### Commands and options (menus, slash commands, forms, /help): at most 100 characters each
command-imagine = Words to a picture
command-edit = Change a picture by words: reply to it, attach it, or name a job
command-jam = Make a picture together: everybody adds a few words and votes, then Go
command-balance = What this chat and you have left
command-jobs = The latest jobs of this chat
command-show = Bring a past job back, with its pictures and buttons
command-cancel = Take back a job that still waits
command-settings = This chat's defaults: size, quality, n, model, language
command-key = This chat's own API key: set it, see it, forget it
command-help = All commands, or one of them in detail
command-start = What Easel is, and the first step
command-claim = Become the operator, with the code from Easel's log
menu-edit = Edit this picture
language-name = English

option-prompt = What to paint, in your own words
option-image = The picture to change
option-brief = What it is about, in a few words
option-go = Who says Go: host, anyone, quorum:3, or @names
option-cost = Who pays: the host, or those whose words are used, in equal parts
option-minutes = After so many minutes it goes by itself
option-remove = The number of a phrase to take away: your own, or any if you are the host
option-of = A past job to change, e.g. k3v9abcdef
option-size = The size: a ratio, 1k, 2k, 4k, or pixels
option-quality = How much work goes into it
option-n = How many pictures
option-model = The model; "default": the relay's own
option-format = The file format
option-background = The background
option-compression = The compression level of a JPEG or WebP, 0 to 100
option-moderation = How strictly content is judged: auto, or low
option-mask = "last": the last picture's transparent parts are painted anew
option-job = A job, e.g. k3v9abcdef
option-words = A setting and its value, e.g. size 16:9
option-language = The language here: en, zh-Hans, or default
option-reply-edits = Whether words in reply to one of our pictures edit it
option-key = The API key, or "forget"
option-dialect = Which relay's language the address speaks
option-url = The relay's address
option-chat = The chat that the key is for
option-command = The command to explain
option-code = The one-time code
option-payload = What the link that led here brings along; stays empty when typed

### A job in the chat
job-queued = In the queue, place { $place }{ $price ->
    [none] {""}
   *[other] {""} (about { $price })
  }{ $wait ->
    [none] .
   *[other] ; the picture comes in about { $wait }.
  }
about-seconds = { $count } s
about-minutes = { $count } min
about-hours = { $count } h
job-queued-there = The image service has it in its queue, place { $place }.
job-running = Painting …{ $price ->
    [none] { $wait ->
        [none] {""}
       *[other] {""} (about { $wait })
      }
   *[other] { $wait ->
        [none] {""} (about { $price })
       *[other] {""} (about { $price }, { $wait })
      }
  }
job-running-share = Painting … { $percent } %
job-cancelled = Taken back; nothing was charged.
job-missing = { $missing ->
    [one] One picture did not come; only the { $got } that came were charged.
   *[other] { $missing } pictures did not come; only the { $got } that came were charged.
  }
fact-seconds = { $seconds } s
state-queued = waiting
state-running = painting
state-delivering = on its way
state-done = done
state-failed = failed
state-cancelled = taken back
state-unknown = unknown
button-again = Again
button-vary = Vary
button-revise = Edit
button-original = Original
button-delete = Delete
button-cancel = Cancel
button-retry = Try again (may be charged twice)
button-giveup = Give up
button-look = Look again (costs nothing)
button-show = Show the picture
button-approve = Approve
button-deny = Refuse
button-open-private = Open the private chat
jobs-title = The latest jobs here:
jobs-secret = { $job } · { $state } · { $name }, for their eyes alone
jobs-none = Nothing has been asked for here yet; try /imagine a fox in the snow.

### Forms
form-edit = What should change?
form-edit-prompt = Your words
form-key = This chat's API key
form-key-change = This chat's API key (now { $hint })
form-key-key = API key
form-key-dialect = Relay (may stay empty)
form-key-url = Address (may stay empty)
form-key-model = Model (may stay empty)

### Keys
key-kept = The key { $hint } works and pays for this chat from now on ({ $dialect }); /key forget takes it away again.
key-forgotten = The key is gone from this chat.
key-in-private = Keys are never typed in a group: open the private chat and send it there.
key-typed-in-group = That message held a key, so it was taken away where that is possible: treat the key as known to others, make a new one, and send it to me in private with /key.

### Balance
balance-title = Paid by { $payer }:
balance-operators-key = the operator's key
balance-no-cap = no cap
balance-chat = This chat: today { $spent_day } spent, left: { $day }; this month { $spent_month } spent, left: { $month }
balance-member = You: today { $spent_day } spent, left: { $day }; this month { $spent_month } spent, left: { $month }
balance-left = { $left } of { $cap }
balance-held = Held for jobs under way: { $amount }
balance-relay = The relay's own balance: { $amount } { $unit }
balance-relay-unknown = The relay's own balance: unknown

### Settings, help, start
settings-shown =
    Size: { $size }
    Quality: { $quality }
    Pictures at once: { $n }
    Model: { $model }
    Language: { $language }
    Words in reply to a picture edit it: { $edits }
    Asks first above: { $ask }
    Kept: { $keep }
    Own key: { $key }
    Change one: /settings size 16:9; take it back: /settings size default
settings-changed = Changed.
settings-default = default
settings-on = yes
settings-off = no
settings-no-key = none
settings-edits-on = Replies edit: switch on
settings-edits-off = Replies edit: switch off
help-title = Say /imagine and what you want to see; flags like --size 16:9 --n 2 may stand anywhere in it.
help-others = Also: { $names }
help-admins = For admins: { $names }
help-more = /help imagine explains one command, /help all lists every one.
start =
    Hello { $name }! Say /imagine and what you want to see, for example:
    /imagine a corgi in a space suit --size 16:9
    Reply /edit to a picture to change it; /balance says what is left, /help the rest.
    In a group its admin begins with /setup: key, budget, language.
hint-words = To paint that, put /imagine before it; /help shows what else there is.
hint-picture = To change that picture, reply to it with /edit and what should be different.
hint-unknown-command = I don't know that command; /help lists those there are.

### Access
access-request = { $name } wants to use your key in “{ $title }” ({ $place }). You are asked once; what may be spent there is bounded by your caps.
access-allowed-answer = “{ $title }” is served by your key now.
access-denied-answer = “{ $title }” is not served by your key.
access-allowed-already = Another operator approved “{ $title }” already; /deny { $place } takes that back.
access-denied-already = Another operator refused “{ $title }” already; /approve { $place } lets it in all the same.
access-allowed-told = The operator approved this chat: /imagine away.
access-denied-told = The operator did not approve this chat; a key of its own works any time: /key.
claimed = You are the operator now, { $name }: chats without a key of their own will ask you here.
error-access-new = This chat is new here, so I have asked the operator and will tell you here; nothing was charged, and a key of its own works at once: /key.
error-access-asked = The operator has been asked about this chat and has not answered yet; nothing was charged, and a key of its own works at once: /key.
error-access-denied = The operator did not approve this chat; nothing was charged, and a key of its own works any time: /key.
error-access-allowed = This chat may go on; please send that again.
error-operator-silent = The operator can't be reached right now, so this chat can't be approved yet; nothing was charged, try again later or set a key of its own with /key.
error-no-operator = This Easel has no operator yet: whoever started it finds a code in its log and sends me /claim CODE in private; nothing was charged.
error-claim-in-private = Send /claim to me in a private chat; here others could read the code.
error-claim-wrong = That is not the code; it stands in Easel's log, and each start makes a new one.
error-claim-closed = There is an operator already, so no code is open.
error-claim-playground = Whoever uses the playground is the operator already, so there is nothing to claim here; to be the operator on Telegram or Discord, send the code to your bot there.
error-claim-tries = Too many wrong codes; wait an hour and try again.
error-operator-only = Only the operator may do that.
error-admin-only = Only an admin of this chat may do that.
error-not-allowed = You may not do that here; nothing was charged.
error-not-yours = That belongs to { $name }; only they or an admin may do that.
error-key-gone = The key that should pay for this was taken away; nothing was charged, set one with /key and try again.

### Bad input
error-prompt-empty = Say what you want to see after /{ $command }; nothing was charged.
error-text-too-long = That is { $length } characters long and { $most } are allowed; nothing was charged, please shorten it.
error-option-unknown = There is no --{ $option } here{ $allowed ->
    [none] {""}
   *[other] ; you may mean { $allowed }
  }; nothing was charged, and words that only look like a flag go in quotes.
error-option-twice = --{ $option } is chosen beside the words already, and they say “{ $value }”; nothing was charged, leave one of the two out.
error-option-missing = --{ $option } needs a value{ $allowed ->
    [none] {""}
   *[other] : { $allowed }
  }; nothing was charged.
error-option-value = --{ $option } can't be “{ $value }”; allowed: { $allowed }; nothing was charged.
error-too-many-pictures = At most { $most } pictures can be edited together; nothing was charged.
error-edit-without-picture = There is no picture to edit: reply to one, attach one, or name a job with --of; nothing was charged.
error-mask-unfit = A mask has to be a PNG of the picture's own size, here { $width }×{ $height }, and below 4 MB; nothing was charged, send it as a file so that it stays one.
error-mask-alone = A mask needs a picture before it: attach the picture first and the mask last; nothing was charged.
error-no-such-command = There is no command { $name }; /help lists them all.
error-no-such-job = I can't find that job in this chat; /jobs lists the latest.
error-job-without-picture = That job has no picture yet.
error-nothing-waits = You have nothing waiting here.
error-too-late-to-cancel = That one is being painted already and can't be taken back.
error-job-over = That job is over already.
error-already-running = That is being painted already; its picture comes in a moment.
error-decided-already = That was decided already.
error-unsupported-model = { $value } isn't offered here; there are { $allowed }; nothing was charged.
error-unsupported-quality = { $model } has no quality “{ $value }”; there are { $allowed }; nothing was charged.
error-unsupported-format = { $model } can't make { $value }; it makes { $allowed }; nothing was charged.
error-unsupported-background = { $model } can't make the background { $value }; allowed: { $allowed }; nothing was charged.
error-unsupported-size = { $model } can't make { $value }; sizes there are: { $allowed }; nothing was charged.
error-unsupported-n = { $value } pictures at once are too many for { $model }; allowed: { $allowed }; nothing was charged.
error-unsupported-prompt = That prompt has { $value } characters and { $model } takes { $allowed }; nothing was charged.
error-unsupported-edit = The relay of this chat can't edit pictures; nothing was charged.
error-unsupported-images = { $model } takes { $allowed } pictures at once, not { $value }; nothing was charged.
error-unsupported-mask = The relay of this chat takes no mask; nothing was charged.
error-unsupported-moderation = The relay of this chat has no moderation “{ $value }”; allowed: { $allowed }; nothing was charged.
error-unsupported-compression = The relay of this chat can't set the compression; nothing was charged, leave --compression out.
error-unsupported-compressed-format = Only a JPEG or WebP has a compression level; nothing was charged, add { $allowed }.
error-unsupported-transparency = A JPEG can't be transparent; nothing was charged, ask for { $allowed } instead.

### Caps
error-cap-reached = { $account ->
    [operator] The operator's budget
    [pool] The paying key's budget
    [member] Your budget
   *[chat] This chat's budget
  } for { $period ->
    [day] today
   *[month] this month
  } is not enough: { $left } is left and this costs about { $price }; nothing was charged, and a key of its own (/key) lifts that.
error-cap-of-one = The share of { $name } is about { $price }, and of their budget for { $period ->
    [day] today
   *[month] this month
  } { $left } is left; nothing was charged, go on without their words, or let the host pay.
error-too-many = { $scope ->
    [member] You have { $limit } jobs
   *[chat] This chat has { $limit } jobs
  } waiting already; nothing was charged, wait for one to finish.

### Pictures and the platform
error-picture-gone = The picture is no longer kept here; nothing was charged, please send it again.
error-flooded = The chat platform asks for { $seconds } seconds of silence; nothing is lost.
error-platform = The chat platform did not take that; please try again.
error-unreachable = I may not post there; an admin has to let me send messages and pictures; the picture is kept, and /show brings it.
error-gone = That message no longer exists.
error-not-delivered = The chat platform did not answer; the picture is kept and /show brings it.

### The image API
error-upstream = The image service refused{ $detail ->
    [none] {""}
   *[other] {": "}{ $detail }
  }; nothing was charged, try again later.
error-bad-key = The image service does not accept the key (wrong, disabled or expired); nothing was charged, { $payer ->
    [operator] the operator has to put a new one into Easel's settings (UPSTREAM_KEY or UPSTREAMS_FILE).
    [member] the member who lent it should lend a new one with /pool.
   *[chat] whoever set it should renew it with /key.
  }
error-out-of-credit = The key's account at the image service is out of credit; nothing was charged, { $payer ->
    [operator] the operator has
    [member] the member who lent the key has
   *[chat] its owner has
  } to top it up. { $request_id ->
    [none] {""}
   *[other] (For its support: { $request_id })
  }
error-forbidden = The key may not use this model or group{ $detail ->
    [none] {""}
   *[other] {": "}{ $detail }
  }; nothing was charged, { $payer ->
    [operator] the operator has
    [member] the member who lent it has
   *[chat] its owner has
  } to ask the image service. { $request_id ->
    [none] {""}
   *[other] (For its support: { $request_id })
  }
error-not-found = The image service does not know this address, model or job{ $detail ->
    [none] {""}
   *[other] {": "}{ $detail }
  }; nothing was charged, check the address and the model. { $request_id ->
    [none] {""}
   *[other] (For its support: { $request_id })
  }
error-bad-request = The image service did not take the request{ $detail ->
    [none] {""}
   *[other] {": "}{ $detail }
  }; nothing was charged, change it and try again. { $request_id ->
    [none] {""}
   *[other] (For its support: { $request_id })
  }
error-moderated = The image service's content rules refuse this prompt or picture; nothing was charged, other words may pass. { $request_id ->
    [none] {""}
   *[other] (For its support: { $request_id })
  }
error-busy = The image service is busy right now; nothing was charged, try again in a few minutes.
error-down = The image service is out of order or can't be reached; nothing was charged, try again later. { $request_id ->
    [none] {""}
   *[other] (For its support: { $request_id })
  }
error-failed-there = The image service took the job and then failed{ $detail ->
    [none] {""}
   *[other] {": "}{ $detail }
  }; nothing was charged, try again. { $request_id ->
    [none] {""}
   *[other] (For its support: { $request_id })
  }
error-bad-answer = The image service's answer can't be read; it was not counted here, try again or ask the key's owner to look. { $request_id ->
    [none] {""}
   *[other] (For its support: { $request_id })
  }
error-never-ends = The image service took the order and has not finished it in time, but may still do so and charge for it; { $decided ->
    [yes] that was decided, so nothing is held for it here any more, and another try has a message of its own.
   *[no] “Look again” costs nothing, and until it is known, the money stays set aside.
  } { $request_id ->
    [none] {""}
   *[other] (For its support: { $request_id })
  }
error-unknown-outcome = { $what ->
    [broke] The connection broke after the request was sent, so it may have been accepted
    [late] The image service did not answer in time, so the request may have been accepted
    [status] The image service answered with an error (HTTP { $status }{ $detail ->
        [none] {""}
       *[other] {": "}{ $detail }
      }), so the request may have been accepted
    [unreadable] The image service's answer was cut off, empty or can't be read, so the request may have been accepted
    [interrupted] The request was sent and Easel interrupted before an answer came, so it may have been accepted
    [key] The image service took the order and then no longer accepted the key, so it may have been carried out
    [gone] The image service took the order and then no longer knew it, so it may have been carried out
    [trouble] The image service took the order and then could not say what became of it{ $status ->
        [none] {""}
       *[other] {" "}(HTTP { $status }{ $detail ->
            [none] {""}
           *[other] {": "}{ $detail }
          })
      }, so it may have been carried out
   *[other] Nobody can tell what became of the request after it was sent, so it may have been accepted
  } and charged; { $decided ->
    [yes] that was decided, so nothing is held for it here any more, and another try has a message of its own.
   *[no] I won't repeat it by myself: you decide.
  } { $request_id ->
    [none] {""}
   *[other] (For its support: { $request_id })
  }

### Reading pictures
error-picture-not = That file is no picture I can read; nothing was charged, send a PNG, JPEG, WebP or GIF.
error-picture-broken = That picture is broken or was cut off on its way; nothing was charged, please send it again.
error-picture-too-many-pixels = That picture has { $megapixels } megapixels and { $most } are the most; nothing was charged, send a smaller one.

### storage
error-storage = Easel could not write to its database or its disk; nothing was charged for this, and the operator has to look at the log and the free space before you try again.
error-storage-unsure = Easel's database went away while this was being written down, so it may have been accepted and may be charged; look at /jobs before you ask again, and tell the operator to look at the database.
setup-postgresql-missing = STORE_URL leads to PostgreSQL, but what speaks to it is not installed; run pip install "easel[postgresql]", or set STORE_URL to an SQLite file.
setup-proxy = The proxy that the environment names (HTTP_PROXY, HTTPS_PROXY or ALL_PROXY) can't be used ({ $reason }); set one that speaks HTTP, with special characters of its password written as %23 and the like, or unset it, then start again.
setup-server-failed = The PostgreSQL database { $place } can't be used ({ $reason }); see that the server runs and that STORE_URL is right, then start again.
setup-folder-taken = Another Easel is using the folder { $path } already; stop it first, or give this one a DATA_FOLDER of its own.
setup-store-url = STORE_URL begins with “{ $scheme }”, which Easel does not know; it should look like sqlite:///data/easel.db, or sqlite:////var/lib/easel/easel.db with an absolute path.
setup-folder = Easel can't write to { $path } ({ $reason }); make that place writable for the user who runs Easel, or choose another one.
setup-already-running = Another Easel is using { $path } already; stop it first, or give this one a data folder and a STORE_URL of its own.
setup-database-newer = The database { $path } was written by a newer Easel than this one; nothing was changed, so install that newer version again, or go back to the copy made before the upgrade.
setup-database-broken = { $path } is damaged or is not a database of Easel's; nothing was changed, so put a backup in its place, or move it away to begin with an empty one.
setup-database-failed = The database { $path } can't be opened ({ $reason }); see that no other program holds it and that the disk has room, then start again.

### Secrets and settings
error-setup = Easel can't start like this; see what it says in its log, mend that and start again.
error-seal-broken = The key kept for this chat can't be opened any more, since Easel's SECRET_KEY is another one; nothing was charged, set the key again with /key.
setup-secret-shared = With PostgreSQL set SECRET_KEY: every Easel that shares the database needs the same one, of at least 16 characters.
setup-role-alone = --role { $role } is for several Easels on one PostgreSQL; set STORE_URL to it, or leave --role away.
setup-secret-short = SECRET_KEY is too short: take at least { $least } characters, or leave it empty and Easel makes one.
setup-secret-file = The secret in { $path } can't be read or made ({ $reason }); give Easel the right to that file, or set SECRET_KEY.
setup-secret-damaged = The secret in { $path } is damaged; restore it from a backup, or delete it and have every chat set its key again.
setup-settings =
    Easel can't start with these settings:
    { $problems }
setup-setting-number = { $name } can't be “{ $value }”; give a number from { $least } to { $most }.
setup-setting-choice = { $name } can't be “{ $value }”; choose one of { $allowed }.
setup-setting-money = { $name } can't be “{ $value }”; give an amount like 2.50, or nothing for no cap.
setup-setting-url = { $name } can't be “{ $value }”; give an address that begins with http:// or https://.
setup-setting-https = { $name } can't be “{ $value }”; Telegram only calls an address that begins with https://.
setup-setting-people = { $name } can't be “{ $value }”; give people like telegram:123,discord:456.
setup-setting-hosts = { $name } can't be “{ $value }”; give names like relay.local or relay.local:8443.
setup-setting-token = { $name } is no token as @BotFather gives it, like 123456:ABC…; copy it again.
setup-setting-key = { $name } holds a space or a sign that no key has; copy it again.
setup-upstream-dialect = UPSTREAM_KEY is set but not whose it is; set UPSTREAM_DIALECT to one of { $allowed }.
setup-upstream-key = UPSTREAM_DIALECT { $dialect } needs a key; set UPSTREAM_KEY, or leave both empty for the sandbox.
setup-upstream-url = UPSTREAM_DIALECT { $dialect } needs the service's address; set UPSTREAM_URL.
setup-env-file = { $path } can't be read ({ $reason }); it should be a text file in UTF-8 that Easel may read.
setup-env-lines = { $count ->
    [one] Line { $lines } of { $path } can't be read, so it is left out; a line should be
   *[other] Lines { $lines } of { $path } can't be read, so they are left out; each should be
  } like NAME=value, or begin with #.
setup-typo = { $name } in { $path } is no setting of Easel; { $near } is one.

### web

web-easel = Easel
web-title = Playground
web-you = You
web-empty-title = What shall we paint?
web-hint = Describe a picture, or bring one along and say what to change. Type / for every command.
web-example-one = A corgi in a space suit, watching the earth rise, oil on canvas
web-example-two = A paper theatre of a harbour at dawn, lit from within
web-example-three = The word “courage” made of wild flowers, botanical plate, 1880
web-words = Your words
web-placeholder = Describe a picture…
web-command = Command
web-options = Options
web-options-apart = Another command is being typed; these options are not sent with it.
web-default = default
web-all = Show all
web-less = Show less
web-attach = Add pictures
web-drop = Drop pictures here
web-really-delete = Really delete?
web-remove = Remove
web-send = Send
web-upload-large = Larger than 25 MB, so it was not uploaded.
web-upload-failed = This file did not arrive. Remove it and try again.
web-use = Use in the next prompt
web-download = Download
web-open = Look closer
web-clear = Clear
web-close = Close
web-next = Next picture
web-previous = Previous picture
web-to-latest = To the latest message
web-offline = Easel can't be reached right now. Trying again…
web-ok = Send
web-cancel = Cancel
web-logout = Log out
web-login-title = Easel
web-login-password = Password
web-login-enter = Log in
web-login-wrong = That is not the password. The operator finds it in the setting WEB_PASSWORD.
web-login-locked = Too many wrong tries. Wait a minute, then try again.
error-web-host = This playground answers to localhost alone; open it as http://127.0.0.1, or set WEB_PASSWORD to use another name.
error-web-proxy = This request came through a proxy, and the playground has no password; set WEB_PASSWORD, restart Easel and try again.
error-web-origin = This request came from another site, so nothing was done; open the playground itself.
error-web-login = Log in first.
error-web-password = The playground would be open to everyone who reaches { $host }; set WEB_PASSWORD, or leave WEB_HOST at 127.0.0.1.
error-port-taken = Port { $port } is taken by another program ({ $reason }); stop that one, or set WEB_PORT to a free port.
error-web-address = Easel can't listen on { $host } ({ $reason }); set WEB_HOST to an address of this machine.

### The names of options in the playground's form; what they mean is said by option-…
label-size = Size
label-quality = Quality
label-n = Pictures
label-model = Model
label-format = File format
label-background = Background
label-compression = Compression
label-moderation = Moderation
label-of = Past job
label-mask = Mask
label-resolution = Resolution
label-seconds = Seconds
label-ratio = Ratio
label-use = Use of pictures
label-videos = Videos
label-audios = Sounds
label-sound = Sound
label-watermark = Watermark
label-seed = Seed
label-gif = GIF besides
label-fallback = Fallback
label-go = Who says Go
label-cost = Who pays
label-minutes = Minutes
label-remove = Take away
label-chat-day = Chat, a day
label-chat-month = Chat, a month
label-member-day = Member, a day
label-member-month = Member, a month
label-role = Role
label-member = Member
label-period = Period
label-day = A day
label-month = A month
label-dialect = Dialect
label-url = Address
label-chat = Chat
label-language = Language
label-reply-edits = Replies edit
label-relay = Image service
label-ask-above = Ask above
label-keep-days = Days kept
label-key = API key
label-budget = Budget

### Telegram
error-telegram-token = Telegram does not accept TELEGRAM_TOKEN; copy the token from @BotFather again, and with TELEGRAM_API_URL set, check that address too.
error-telegram-webhook = Telegram does not accept TELEGRAM_WEBHOOK_URL ({ $reason }); give it an https address that the internet can reach, or leave it empty to listen without one.
error-picture-too-big = That file is larger than the { $most } MB that can be fetched from here; nothing was charged, send a smaller one.

### The first screen
setup-address = Easel is ready at { $address } – open it in a browser and type a prompt.
setup-next-key = Pictures are drawn by the built-in sandbox: for real ones put UPSTREAM_DIALECT and UPSTREAM_KEY into .env (see .env.example) and start again.
setup-next-token = For Telegram or Discord put TELEGRAM_TOKEN or DISCORD_TOKEN into .env (see .env.example) and start again.
setup-claim = Nobody is the operator yet: send your bot /claim { $code } in a private chat.
setup-telegram-silent = Telegram can't be reached ({ $reason }); I keep trying again: check the network, TELEGRAM_API_URL, and any proxy or firewall on the way.
setup-discord-silent = Discord can't be reached ({ $reason }); I keep trying again: check the network, DISCORD_API_URL, and any proxy or firewall on the way.
setup-stopped = Easel has stopped; what was unfinished goes on at the next start.

### Discord
picture-reencoded = { $count ->
    [one] The picture was too large for this place, so this is a smaller copy; the original is kept.
   *[other] { $count } pictures were too large for this place, so these are smaller copies; the originals are kept.
  }
picture-left-out = { $count ->
    [one] One picture could not be posted here; it is kept, and an admin should see whether I may attach files.
   *[other] { $count } pictures could not be posted here; they are kept, and an admin should see whether I may attach files.
  }
discord-form-late = Discord opens a form only as the very first answer, and it is too late for one here; nothing was done, please use the command again with its words.
error-discord-token = Discord does not accept the bot's token; copy it again from the developer portal (Bot → Reset Token) into DISCORD_TOKEN.
error-discord-intents = Discord refuses the intents that were asked for; Easel needs none, so look for a proxy at DISCORD_API_URL that changes them.
error-discord-shards = Discord refuses to share the work like this; leave DISCORD_SHARDS empty, so that Discord says how many connections it wants.

### What a result says about itself
note-size-nearest = The image service did not take the size asked for, so this is the nearest one that it does; the size refused cost nothing.

### Addresses of the outside
error-address-unreadable = That is no web address I can read; nothing was charged here, give one like https://example.com/picture.png.
error-address-scheme = Addresses that begin with { $scheme }: are not opened; nothing was charged here, use one that begins with https://.
error-address-login = The address holds a user name or a password, so it was not opened; nothing was charged here, use one without.
error-address-private = { $host } is not on the public internet, so nothing was sent there and nothing was charged here; use a public address, or ask the operator to add it to TRUSTED_HOSTS.
error-address-port = Port { $port } of { $host } is meant for another kind of service, so it was not opened; nothing was charged here, use a usual web port.
error-address-redirects = { $host } led on to yet another address more than { $most } times; nothing was charged here, use the address of the file itself.
error-address-large = What { $host } holds there is larger than { $most } MB, so it was not fetched; nothing was charged here, use a smaller file.
error-address-slow = { $host } sends too slowly, so I stopped waiting; nothing was charged here, try again later or use another address.
error-address-not-file = { $host } sent a web page or a packed file; nothing was charged here, use the address of the file itself.
error-address-status = { $host } did not hand the file over (HTTP { $status }); nothing was charged here, check the address or try again later.
error-address-silent = { $host } can't be reached, or broke off halfway; nothing was charged here, try again later.

### Results by URL
error-result-lost = The picture was made and is probably charged, but { $host ->
    [none] its address
   *[other] { $host }
  } does not hand it over{ $status ->
    [none] {""}
   *[other] {" "}(HTTP { $status })
  }; { $decided ->
    [yes] that was decided, so nothing is held for it here any more, and another try has a message of its own.
   *[no] I won't order it again by myself: you decide.
  }{ $job ->
    [none] {""}
   *[other] {" "}(For the image service's support: { $job })
  }

### Sizes in credits, and one picture at a time
error-unsupported-4k = { $model } makes 4K only in { $allowed }; nothing was charged, ask for the size { $value } instead.
note-missing-unsure = { $missing ->
    [one] One picture did not come and may have been charged all the same, so it is counted here beside the { $got } that came; Easel does not order it again by itself.
   *[other] { $missing } pictures did not come and some of them may have been charged all the same, so those are counted here beside the { $got } that came; Easel does not order them again by itself.
  }

### Videos
error-no-videos = The image service of this chat makes no videos; nothing was charged.
error-no-video-model = { $value } isn't offered for videos; there are { $allowed }; nothing was charged.
error-video-option = { $model } does not take --{ $option } { $value }{ $allowed ->
    [none] {""}
   *[other] ; allowed: { $allowed }
  }; nothing was charged.
command-video = Words, and a picture to begin with, to a video
command-remix = Go on from a finished VEO video: reply to it, or name its job
option-resolution = How many lines it has
option-seconds = How long it is, in seconds
option-ratio = Its shape: 16:9, 9:16, 1:1 …
option-use = What the pictures are for: the video begins with them, or looks like them
option-videos = Public addresses of videos to follow, or of one to change
option-audios = Public addresses of sounds to follow
option-sound = The sound: on or off; of a video that is changed: auto or origin
option-watermark = Whether a watermark is put on it
option-seed = A number: the same one gives nearly the same video again
option-gif = Whether a GIF is made besides (at 720p)
option-fallback = Whether the model's maker may be asked when the service's own way fails
button-remix = Go on
form-remix = Go on from this video
form-remix-prompt = What happens next?
error-video-not-edited = A video can't be edited here; nothing was charged, go on from it with /remix, or make another with /video.
error-remix-of-what = Reply with /remix to a finished video of mine, or name its job with --of; nothing was charged.
error-remix-elsewhere = That video was made with another key, whose image service alone has it; nothing was charged, make a new one with /video.
file-too-large = The file has { $size } MB and a message here takes { $most } MB; { $link ->
    [none] it is kept, and the operator finds it among the pictures as { $name }, or gives links to such files by setting WEB_PUBLIC_URL.
   *[other] here it is: { $link }
  }
error-link-over = This link has ended, or is none; who has the picture in a chat finds it there with /show.
file-original = The original of { $size } MB: { $link }
option-ask-above = From which price on you are asked first: dollars, "off" or "default"
ask-price = This costs about { $price }, as far as is known; nothing is spent yet.
ask-price-forgone = Let be; nothing was charged.
button-spend = Go ahead ({ $price })
button-forgo = Let it be
error-not-asked = That question was for somebody else, or is answered already; nothing was charged.

### Relays: what they can do, which to choose, those of UPSTREAMS_FILE
option-relay = The operator's image service to use here, or default
relay-can = What it can do: { $list }.
can-pictures = { $n ->
    [one] one picture at once
   *[other] up to { $n } pictures at once
  }
can-sizes = the sizes { $sizes }
can-4k = sizes up to 4K
can-4k-some = 4K in { $ratios }
can-edits = { $images ->
    [0] no edits
    [one] edits of one picture
   *[other] edits of up to { $images } pictures together
  }
can-masks = masks
can-previews = previews while it paints
can-videos = videos
can-balance = tells its balance
settings-relay = Image service: { $relay } (there are { $names }; choose by /settings relay NAME)
error-key-dialect = I can't tell which relay's language that address speaks without spending; nothing was charged or kept, say it with --dialect: { $allowed }.
error-key-address = A { $dialect } relay has no address that everybody knows; nothing was charged or kept, say it with --url https://….
setup-relays-file = UPSTREAMS_FILE { $path } can't be read ({ $reason }); it should be a TOML file with a table for each image service.
setup-relay-name = In { $path } “{ $name }” can't be an image service; name a table with letters, digits, dots and dashes, and not default.
setup-relay-field = In { $path } [{ $name }] has a { $field } that Easel doesn't know; there are { $allowed }.
setup-relay-value = In { $path } [{ $name }] has a { $field } that can't be{ $allowed ->
    [none] {""}
   *[other] ; it should be like { $allowed }
  }.
setup-relay-missing = In { $path } [{ $name }] needs a { $field }.

### easel prices
prices-title = US dollars for one picture, by quality and size, as far as they are known: what a job is held and counted for.
prices-nothing = costs nothing
prices-tokens = The real cost is counted where the answer tells its tokens; for a million: { $rates }
prices-credit = Counted in credits there; one is taken to cost { $price }
prices-second = For a second: { $rates }
prices-video = For a video: { $rates }
prices-own = Other prices? Put tables of your own into PRICES_FILE; docs/prices.md shows how.
setup-prices-file = PRICES_FILE { $path } can't be used ({ $reason }); docs/prices.md shows how such a file is written.

### The audit trail: what was done, said after the name of who did it
command-audit = What admins and the operator did here
option-which = How many entries to go back; "everywhere" for the operator
audit-title = What admins and the operator did here, newest first (times in UTC):
audit-nothing = Nothing is in the audit trail here.
button-older = Older
audit-key-set = set the key { $hint } ({ $dialect })
audit-key-forgotten = took the key { $hint } away
audit-settings = changed the settings: { $changes }
audit-access-allowed = let this chat use the operator's key
audit-access-denied = refused this chat the operator's key
audit-claimed = became the operator
audit-job-cancelled = took back job { $job } of { $name }
audit-job-deleted = deleted job { $job } of { $name }
audit-job-looked = had job { $job } of { $name } looked for once more
audit-job-given-up = gave job { $job } of { $name } up
audit-jam-phrase = took a phrase of { $name } out of a jam
audit-jam-ended = ended a jam of { $name }

### Jams: prompting together
jam-title = Jam: { $brief } (with { $name })
jam-round = Round { $round }: what should change? Add words, vote, or go on with what there is.
jam-ballot = Votes for the pictures: { $tally }. Number { $winner } is where the next round begins.
jam-no-phrases = Nobody has added anything yet: press Add{ $how ->
    [reply] , or reply to this message with a few words.
   *[form] { " " }and say a few words.
  }
jam-best = The best { $most } go into the prompt.
jam-go-named = Go is said by { $names }.
jam-go-quorum = { $needed ->
    [one] Anybody may say Go.
   *[other] { $needed } people have to say Go.
  }
jam-go-timer = It goes by itself { $minutes ->
    [one] one minute
   *[other] { $minutes } minutes
  } after the beginning.
jam-paid-host = Paid by { $name }.
jam-paid-shared = Paid in equal parts by { $name } and those whose words are used.
jam-about = About { $price }.
jam-asking = { $shared ->
    [yes] This will cost about { $price }, in equal parts for { $name } and those whose words are used. Go ahead?
   *[other] This will cost { $name } about { $price }. Go ahead, { $name }?
  }
jam-painting = Round { $round } is being painted:
jam-painting-add = What you add now is for the next round.
jam-below = It goes on below.
jam-credit = Together: { $names }
jam-over-title = The jam is over: { $brief }
jam-over-nothing = Nothing was painted and nothing was charged.
jam-with = With: { $names }
jam-bill = In all { $total }: { $shares }
jam-free = It cost nothing.
jam-removed = Taken away.
button-jam-add = Add
button-jam-go = Go
button-jam-next = Next round
button-jam-end = End
button-jam-album = All pictures
form-jam = What is the picture about?
form-jam-brief = A few words to begin with
form-jam-add = Your words for the picture
form-jam-phrase = A few words
error-jam-none-here = There is no such jam here; /jam and a few words begin one.
error-jam-no-words = There are no words in that; say what the picture should have.
error-jam-enough = You have { $most } phrases in this round already; vote for others, or take one back: /jam --remove and its number.
error-jam-full = The canvas is full: { $most } phrases; vote, or say Go.
error-jam-crowded = { $most } people take part already, and more don't fit; nothing was charged.
error-jam-no-such-phrase = That phrase is no longer there.
error-jam-late = That was for an earlier round; nothing happened, and the latest canvas is further down.
error-jam-painting = It is being painted already; that press changed nothing and costs nothing more.
error-jam-over = This jam is over; /jam and a few words begin another.
error-jam-empty = There is nothing to paint yet: add a few words; nothing was charged.
error-jam-not-you = That is not for you to say in this jam: { $name } chose who does; nothing was charged.
### Rules of a chat
command-rules = What may be asked for here: show the rules, or change one
command-block = Let somebody ask for nothing here any more: reply to them, mention or name them
command-unblock = Let somebody ask again: reply to them, mention or name them
option-rule = A rule: slow 60 · quiet on · block word cats · allow role @x · style after in ink · clear
option-who = Who: a mention, a name, or empty in reply to them; "everywhere" after it for the operator
rules-title = The rules here:
rules-none = Everybody may ask for everything, as often as they like.
rules-how = Change them: /rules slow 60 · block word … · allow/deny @someone or here · spoiler on · quiet on · style after … · clear
rules-only-people = Only for { $who } and the admins.
rules-only-places = Only in { $where }.
rules-not-people = Not for { $who }.
rules-not-places = Not in { $where }.
rules-words = { $count ->
    [one] One word is blocked.
   *[other] { $count } words are blocked.
  }
rules-slow = Each member may ask every { $seconds } seconds.
rules-quiet = Answers make no sound.
rules-veiled = Pictures here are hidden until somebody touches them.
rules-adults = Only in channels that are marked as age-restricted.
rules-style = House style, put around every prompt: { $style }
job-style = House style: { $style }
button-quiet-on = Quiet: switch on
button-quiet-off = Quiet: switch off
button-spoiler-on = Hide pictures here
button-spoiler-off = Show pictures here
button-nsfw-on = Only age-restricted channels
button-nsfw-off = All channels
button-slow-on = Slow: once a minute
button-slow-off = Slow: switch off
button-unblock = Unblock
blocked = { $name } can't ask for anything here any more; /unblock takes that back.
blocked-everywhere = { $name } can't ask for anything anywhere any more; /unblock with “everywhere” takes that back.
unblocked = { $name } may ask again.
audit-rules = changed the rules: { $rule }
audit-blocked = blocked { $name }
audit-unblocked = unblocked { $name }
error-rules-person = The rules here don't let you ask for pictures; nothing was charged, an admin of this chat can change that.
error-rules-house = The operator doesn't let you ask for pictures; nothing was charged, only they can change that.
error-rules-place = Nothing is painted in this part of the chat; nothing was charged, /rules says where it is.
error-rules-adults = Here it is done in age-restricted channels only; nothing was charged, ask in one of those.
error-rules-words = The rules here don't allow some of these words; nothing was charged, say it with others.
error-too-soon = Slow mode is on here: you may ask again in { $seconds ->
    [one] one second
   *[other] { $seconds } seconds
  }; nothing was charged.
error-block-admin = Admins can't be blocked; nothing was changed.
error-not-blocked = { $name } is not blocked; nothing was changed.
error-whom = Say whom you mean after /{ $command }, or use it in reply to them; nothing was changed.
error-whom-unknown = I know nobody here called “{ $name }”; nothing was changed, reply to a message of theirs instead.
error-whom-several = Several people could be meant; nothing was changed, use the id in brackets: { $names }
error-rule-unknown = There is no rule “{ $rule }”; nothing was changed, there are slow, quiet, spoiler, nsfw, block word, allow, deny, style and clear.
error-rule-block = “{ $rule }” can't be blocked like that; nothing was changed, say /rules block word cats, dogs – or /block for a person.
error-rule-words = Say the words, with commas between them; nothing was changed, for example /rules block word cats, dogs.
error-rule-role = A role is named by its mention, like @painters; nothing was changed.
error-rule-slow = Say how long, like 60, 5 min or off; nothing was changed.
error-rule-style = Say where the words go: /rules style before …, /rules style after …, or /rules style off; nothing was changed.
error-rule-switch = “{ $value }” is neither on nor off; nothing was changed.
### Keeping: easel audit, backup, restore, export, move

setup-nothing-kept = There is no database at { $path } yet; set STORE_URL to where yours is, or run this in Easel's folder.
setup-database-older = { $path } was written by an older Easel than this one; start this Easel once, which brings it up to date, then try again.
setup-holds-data = { $path } holds data already, so nothing was changed; choose an empty place, or restore with --replace, which keeps aside what is there.
setup-archive-exists = There is a file { $path } already, and it was left as it is; choose another name.
setup-archive-missing = There is no file { $path }; see where your backup is, and give its name.
setup-archive-damaged = { $path } is damaged or is no backup of Easel's ({ $reason }); nothing was changed, so take another one.
setup-move-differs = What arrived differs from what left ({ $what }); nothing was kept at the target, and the source is as it was, so try again and look at the disk.
setup-secret-elsewhere = There is no { $path }: the secret is the SECRET_KEY of your settings, so leave --with-secret out and keep those settings.
books-looked = Looked at { $jobs } jobs, { $entries } entries of the ledger for { $accounts } accounts, and { $pictures } pictures.
books-money = Jobs have cost { $settled }; { $held } is held for jobs under way.
books-fine = Everything fits.
books-problems = { $count ->
    [one] One thing does not fit.
   *[other] { $count } things do not fit.
}
books-sum = Account { $account }, { $period }: its sums differ from the ledger's entries ({ $off }).
books-negative = Account { $account }, { $period }: an amount is below zero.
books-kind = The ledger has entries of a kind that is not known: { $kind }.
books-no-job = Account { $account } was booked for job { $job }, which does not exist.
books-no-hold = Job { $job } was booked on { $account } without exactly one hold on one day.
books-closed-early = Job { $job } may still cost something, but its hold on { $account } is given back.
books-left-open = Job { $job } has ended, but its hold on { $account } is open.
books-unsettled = Job { $job }: its cost and what was settled on { $account } don't agree on whether there is any.
books-released = Job { $job }: another amount was given back on { $account } than was held.
books-amount = Job { $job }: what was held or settled on { $account } is not the job's amount.
books-unbooked = Job { $job } has a price, and no entry in the ledger.
books-cost = Job { $job }: its cost does not go with its state.
books-link = Job { $job } shows picture { $picture }, one of which does not exist.
books-no-file = Picture { $name } has no file.
books-size = Picture { $name } has a file of another size than it had.
books-no-row = The file { $name } belongs to no picture.
books-damaged = The database file itself is damaged ({ $what }): restore the latest backup.
books-orphan = A row of { $table } refers to one of { $parent } that does not exist.
books-unreadable = The row { $row } of { $table } can't be read.
keeping-made = { $path }: { $rows } rows and { $pictures } pictures, { $size } MB.
keeping-missing = { $count ->
    [one] One picture had no file, and is not in it.
   *[other] { $count } pictures had no file, and are not in it.
}
keeping-with-secret = The secret that the chats' keys are sealed with is in it: who has this file can open them, so keep it where nobody else looks.
keeping-no-secret = The secret that the chats' keys are sealed with is not in it: keep { $path } (or your SECRET_KEY) too, or make the copy with --with-secret; without it every chat has to set its key again.
keeping-restored = Restored { $rows } rows and { $pictures } pictures of { $made }; Easel can be started.
keeping-before = What was here before is kept in { $path }.
keeping-needs-secret = The archive holds no secret: { $path } or SECRET_KEY has to be the one of then, else every chat has to set its key again.
keeping-moved = Moved { $rows } rows and { $pictures } pictures, and compared every one; the source is as it was.
keeping-next = Now set STORE_URL to the new place and SECRET_KEY to what is in secret.key (if you have not set it before), and start Easel.
### The purse: caps, grants, prices
command-price = What a picture would cost here, before anything is spent
command-caps = Most money in a day and a month: for this chat, each member, a role
command-grant = More than the caps, once: for a member, or for this chat
option-amount = How much more, e.g. 2.00; in a text the member before it: @ann 2.00
option-member = Who is meant; nobody: the whole chat
option-period = For today (counts in the month too), or for this month
option-chat-day = This chat's cap for a day: dollars, or "off"
option-chat-month = This chat's cap for a month: dollars, or "off"
option-member-day = Each member's cap for a day: dollars, or "off"; with a role: its members'
option-member-month = Each member's cap for a month: dollars, or "off"; with a role: its members'
option-role = A role whose members have caps of their own
caps-title = Caps here, in days and months of UTC:
caps-chat = This chat: { $caps }
caps-member = Each member: { $caps }
caps-role = Members with the role { $role }: { $caps }
caps-operator = The operator's own caps besides: this chat { $chat }, each member { $member }
caps-said = a day { $day }, a month { $month }
granted = { $name ->
    [none] This chat
   *[other] { $name }
  } may spend { $amount } more { $period ->
    [day] today
   *[month] this month
  }.
audit-caps = changed the caps: { $caps }
audit-granted = granted { $amount } more for { $period ->
    [day] a day
   *[month] a month
  } to { $name ->
    [none] this chat
   *[other] { $name }
  }
error-grant-no-cap = No cap of yours binds there, so there is nothing to grant; nothing was changed, /caps shows and sets them.
price-about = This would cost about { $price }; nothing is spent yet.
price-nothing = This costs nothing here.
price-title = One picture with { $model } costs about, by quality and size:
price-more = Others: /price with the flags of /imagine, or in reply to a picture.

### Why something can't be done here
command-why = What keeps you from having a picture made here, and how to mend it
why-fine = Nothing stands in your way here: /imagine away.
why-fine-other = Nothing stands in { $name }'s way here.
why-not = This stands in your way here:
why-not-other = This is what { $name } is told here:
note-queue = { $count ->
    [one] One job waits here, { $mine } of yours.
   *[other] { $count } jobs wait here, { $mine } of yours.
  }
note-telegram-privacy = I hear commands and replies to me here, not plain words, and of an album the captioned picture alone, as privacy mode is on; /setprivacy at @BotFather changes that, or making me an admin.
note-discord-intents = I hear commands, menus and buttons here, not plain words: I ask Discord for no intents, so none is missing.
ailing-telegram-out = I am not in that chat any more; an admin has to add me again.
ailing-telegram-post = I may not post in this channel; an admin has to make me an administrator who may post messages.
ailing-telegram-mute = I may not write in this group; an admin has to let members, or me, send messages.
ailing-telegram-pictures = I may not send pictures and files in this group; an admin has to let members, or me, send photos and files.
ailing-discord-view = I may not see this channel; an admin has to give my role View Channel here.
ailing-discord-send = I may not write in this channel; an admin has to give my role Send Messages here.
ailing-discord-attach = I may not send pictures in this channel; an admin has to give my role Attach Files here.
ailing-discord-threads = I may not write in threads; an admin has to give my role Send Messages in Threads here.
error-jam-host-cap = { $name } has { $left } left for { $period ->
    [day] today
   *[month] this month
  } and this costs about { $price }; nothing was charged, and an admin can grant more{ $cost ->
    [host] , or begin a jam with --cost shared.
   *[shared] .
  }
### Your data
command-forget = Remove your words, pictures and keys
option-me = The word me: it is only ever yourself
button-forget = Yes, remove it all
button-remember = Leave it
forget-ask = This removes { $jobs ->
    [0] what Easel keeps of you
    [one] your one request with its words and pictures
   *[other] your { $jobs } requests with their words and pictures
  }, what you added to jams, and the keys that you brought: in every chat and for good. What was spent stays in the accounts as bare amounts; messages in the chats stay until you delete them there.
forget-done = Removed: the words and pictures of { $jobs ->
    [one] one request
   *[other] { $jobs } requests
  }, and { $keys ->
    [0] no key, as there was none
    [one] one key
   *[other] { $keys } keys
  }.{ $live ->
    [0] {""}
    [one] {" "}One request is still at work; it is removed after it has ended.
   *[other] {" "}{ $live } requests are still at work; they are removed after they have ended.
  }
forget-not = Everything stays as it is.
error-forget-others = Only who asked this can answer it; /forget me is for yourself.
error-job-forgotten = Its words were removed, so it can't be painted again; nothing was charged. /imagine starts anew.
settings-keep = words and pictures for { $days ->
    [one] one day
   *[other] { $days } days
  }
option-keep-days = How many days words and pictures of this chat are kept; 0: as long as Easel keeps them

### Setting a chat up
command-setup = Set this chat up: image service, key, budget, language
option-answer = The answer to the question that is open
option-budget = Most money in a month: for the chat, then for each member, e.g. 20, 5
setup-title = Set this chat up
setup-in-private = Let's set this chat up in private, where nobody sees the key: open the private chat.
setup-form-relay = Image service (empty: told by its address)
setup-form-url = Address (empty: its usual one)
setup-form-key = API key (empty: as it is)
setup-form-key-kept = API key (empty: { $hint })
setup-form-budget = Most a month: chat, each member (20, 5; off)
setup-form-language = Language
setup-ask-relay = Which image service is it? Choose one, or send me its address; “Leave as it is” keeps the key that pays now.
setup-ask-url = Send me its address, like https://relay.example.
setup-ask-key = Send me the API key; I try it without spending, and take your message away.
setup-ask-budget = How much may this chat spend in a month? Choose, or send an amount in dollars.
setup-ask-share = And how much of that each member? Choose, or send an amount in dollars.
setup-ask-language = Which language do I speak there?
setup-key-works = The key { $hint } works.
setup-kept = Nothing was changed yet, and what you filled in is kept.
setup-left = Left as it was; nothing was changed.
setup-done = Done, and the chat knows.
setup-done-untold = Done; I could not write in the chat, so ask /why there.
setup-told =
    { $name } set this chat up:
    Paid by { $payer }; in a month at most: { $budget } for the chat, { $share } for each member.
    Begin with /imagine and what you want to see; /rules says what goes here, /setup changes this.
button-setup-again = Go on
button-setup-leave = Leave it
button-setup-back = Back
button-setup-guess = I know the address
button-setup-usual = The usual address
button-setup-chat = Back to the chat
button-setup-keep = Leave as it is
button-setup-no-cap = No cap
audit-setup = set the chat up (key { $hint }, in a month { $budget } for the chat, { $share } for each member)
error-setup-over = That is over already; nothing was changed, /setup begins anew.
error-setup-relay = I don't know that image service; choose one of { $allowed }, or go by its address; nothing was changed.
error-setup-key = A new image service needs its key; nothing was changed.
error-setup-key-early = That looks like a key, so I took the message away, kept nothing of it and changed nothing; first the question below.
error-setup-money = “{ $value }” is no amount; send one like 20 or 2.50, or off for no cap; nothing was changed.
command-pool = Lend this chat a key of yours, within a cap; see its use; take it back
option-day = The most for a day: dollars, or "off"
option-month = The most for a month: dollars, or "off"
pool-title = Keys that members lend this chat (used when the chat's own pot is empty; a giver's own requests use theirs first):
pool-empty = Nobody lends this chat a key yet. One that is lent is used when the chat's own pot is empty, and by its giver first.
pool-line = { $name }{ $hint ->
    [none] {""}
   *[other] {" "}({ $hint })
  }: today { $day } of { $day_cap }, this month { $month } of { $month_cap }
pool-kept = The key { $hint } works and is lent to the chat: at most { $day } a day and { $month } a month. /pool there shows its use, /pool forget takes it back at once.
pool-taken-back = The key is gone; what still waited for it has ended, and nothing was charged for that.
pool-in-private = Keys are never typed in a group: open the private chat and send it there.
button-pool-add = Lend a key
button-pool-forget = Take mine back
form-pool = Lend the chat a key
form-pool-month = Most for a month, in dollars
balance-lent-key = the key that { $name } lends
balance-pool = By this key: today { $spent_day } spent, left: { $day }; this month { $spent_month } spent, left: { $month }
audit-pool-removed = sent away the key { $hint } that { $name } lent
error-file-gone = That file was kept for a day only; ask for it again.
error-pool-gone = The key that a member lent for this was taken back; nothing was charged, so ask again, and another key pays if there is one.
error-pool-nothing = There is no such key in this chat's pool; /pool shows those there are.
error-pool-invitation = That invitation to lend a key is not valid; say /pool in the chat that you want to lend to and follow its link.
error-pool-address = Only an admin may lend a key with an address of its own, since everybody's prompts go there; nothing was kept, leave --url out.
### Inline: words put into a conversation that Easel is not part of
draft-title = Paint this
button-paint = Paint it
error-draft-others = Only who sent these words can have them painted; nothing was spent.
error-draft-stranger = Open a private chat with me and press Start first: the picture travels by way of it; nothing was spent.
### Brought into a chat
welcome = Hello, I am Easel: /imagine a fox in the snow makes a picture of it, and /help tells what else there is.
welcome-served = An admin sets caps and rules here with /setup.
### Your data, given to you
command-export = Everything Easel keeps of you, as files: your requests and their pictures
option-after = How many of your latest requests to leave out
export-nothing = Easel keeps nothing of you.
export-on-its-way = It comes to you in our private chat.
export-parcel = { $requests ->
    [one] One request
   *[other] { $requests } requests
  } and { $pictures ->
    [one] one picture
   *[other] { $pictures } pictures
  } of yours; requests.json inside tells of each. What was too large to be packed is named there: /show brings it.
export-jams = What you said in { $jams ->
    [one] a jam
   *[other] { $jams } jams
  }.
button-export = What is older
error-export-alone = What is yours is for you alone: open a private chat with me and send /export there.

### Who spent what
command-usage = Who spent what this month; admins get a table too
option-when = A month, as in 2026-11; before it "csv" for the table
usage-title = Spent in { $month }: { $total }
usage-line = { $name }: { $amount } · { $count ->
    [one] 1 request
   *[other] { $count } requests
  }
usage-others = { $count } more
usage-forgotten = someone who was forgotten
usage-nothing = Nothing was spent here in { $month }.
usage-table = Who spent what in { $month }, by day, in dollars.
button-usage-csv = Table (CSV)
### For one person alone
option-only-me = "on": nobody else sees the picture
error-only-me = To be answered alone, open a private chat with me and press Start first; nothing was spent.

### What the sandbox writes on its pictures
sandbox-label = SANDBOX
sandbox-note = drawn by Easel itself, no image service was asked
sandbox-no-font = (this machine has no font for some of these characters)
