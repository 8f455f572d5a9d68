# 简体中文。每条消息一句话，变量写在花括号里。参见 docs/languages.md。
error-internal = Easel 内部出了问题；没有扣费，运营者可在日志中找到原因。

### 命令与选项（菜单、斜杠命令、表单、/help）：每条不超过 100 个字符
command-imagine = 用文字生成图片
command-edit = 用文字修改图片：回复图片、附上图片，或指明一个任务
command-jam = 大家一起作画：各添几句，投票，然后开画
command-balance = 本聊天和你还剩多少额度
command-jobs = 本聊天最近的任务
command-show = 找回以前的任务，连同图片和按钮
command-cancel = 撤回还在排队的任务
command-settings = 本聊天的默认值：尺寸、质量、张数、模型、语言
command-key = 本聊天自己的 API 密钥：设置、查看、删除
command-help = 全部命令，或某个命令的详细说明
command-start = Easel 是什么，第一步做什么
command-claim = 用 Easel 日志里的代码成为运营者
menu-edit = 修改这张图片
language-name = 简体中文

option-prompt = 想画什么，用你自己的话说
option-image = 要修改的图片
option-brief = 几句话说明主题
option-go = 谁说开画：host（发起人）、anyone（任何人）、quorum:3（三人），或 @名字
option-cost = 谁付款：host（发起人），或 shared（词句被采用的人平摊）
option-minutes = 多少分钟后自动开画
option-remove = 要去掉的词句的编号：自己的，发起人可去掉任何一条
option-of = 要修改的旧任务，例如 k3v9abcdef
option-size = 尺寸：比例、1k、2k、4k 或像素
option-quality = 画得多精细
option-n = 要几张图片
option-model = 模型；default 表示用接口自己的默认模型
option-format = 文件格式
option-background = 背景
option-compression = JPEG 或 WebP 的压缩级别，0 到 100
option-moderation = 内容审核的严格程度：auto 或 low
option-mask = last：按最后一张图的透明部分重画
option-job = 任务，例如 k3v9abcdef
option-words = 设置项和它的值，例如 size 16:9
option-language = 这里使用的语言：en、zh-Hans 或 default
option-reply-edits = 回复我们的图片时，文字是否当作修改要求
option-key = API 密钥，或 forget（删除）
option-dialect = 这个地址使用哪家接口的格式
option-url = 接口地址
option-chat = 密钥所属的聊天
option-command = 想了解的命令
option-code = 一次性代码
option-payload = 由链接自动带来的内容；手动输入时留空

### 聊天中的任务
job-queued = 正在排队，第 { $place } 位{ $price ->
    [none] {""}
   *[other] （约 { $price }）
  }{ $wait ->
    [none] 。
   *[other] ，预计约 { $wait }后出图。
  }
about-seconds = { $count } 秒
about-minutes = { $count } 分钟
about-hours = { $count } 小时
job-queued-there = 图像服务正在排队，第 { $place } 位。
job-running = 正在绘制……{ $price ->
    [none] { $wait ->
        [none] {""}
       *[other] （约 { $wait }）
      }
   *[other] { $wait ->
        [none] （约 { $price }）
       *[other] （约 { $price }，{ $wait }）
      }
  }
job-running-share = 正在绘制…… { $percent }%
job-cancelled = 已撤回，没有扣费。
job-missing = 有 { $missing } 张图片没有出来，只收了 { $got } 张的费用。
fact-seconds = { $seconds } 秒
state-queued = 排队中
state-running = 绘制中
state-delivering = 发送中
state-done = 完成
state-failed = 失败
state-cancelled = 已撤回
state-unknown = 结果不明
button-again = 再来一次
button-vary = 变化
button-revise = 修改
button-original = 原图
button-delete = 删除
button-cancel = 撤回
button-retry = 再试一次（可能重复扣费）
button-giveup = 放弃
button-look = 再查一次（不花钱）
button-show = 显示图片
button-approve = 同意
button-deny = 拒绝
button-open-private = 打开私聊
jobs-title = 这里最近的任务：
jobs-secret = { $job } · { $state } · { $name }（仅本人可见）
jobs-none = 这里还没有任务；试试 /imagine 雪地里的狐狸。

### 表单
form-edit = 想改成什么样？
form-edit-prompt = 你的要求
form-key = 本聊天的 API 密钥
form-key-change = 本聊天的 API 密钥（现为 { $hint }）
form-key-key = API 密钥
form-key-dialect = 接口（可留空）
form-key-url = 地址（可留空）
form-key-model = 模型（可留空）

### 密钥
key-kept = 密钥 { $hint } 可用，从现在起由它为本聊天付费（{ $dialect }）；用 /key forget 可以删除。
key-forgotten = 本聊天的密钥已删除。
key-in-private = 密钥不要发在群里：请打开私聊，在那里发送。
key-typed-in-group = 那条消息里有密钥，能删的已经删掉：请当作它已泄露，换一个新的，再到私聊里用 /key 发给我。

### 额度
balance-title = 由{ $payer }付费：
balance-operators-key = 运营者的密钥
balance-no-cap = 不限
balance-chat = 本聊天：今天已用 { $spent_day }，剩余 { $day }；本月已用 { $spent_month }，剩余 { $month }
balance-member = 你：今天已用 { $spent_day }，剩余 { $day }；本月已用 { $spent_month }，剩余 { $month }
balance-left = { $left }（上限 { $cap }）
balance-held = 进行中的任务预扣：{ $amount }
balance-relay = 接口账户余额：{ $amount } { $unit }
balance-relay-unknown = 接口账户余额：未知

### 设置、帮助、开始
settings-shown =
    尺寸：{ $size }
    质量：{ $quality }
    每次张数：{ $n }
    模型：{ $model }
    语言：{ $language }
    回复图片的文字当作修改：{ $edits }
    先询问的价格：高于 { $ask }
    保留：{ $keep }
    自己的密钥：{ $key }
    修改其中一项：/settings size 16:9；恢复默认：/settings size default
settings-changed = 已修改。
settings-default = 默认
settings-on = 是
settings-off = 否
settings-no-key = 无
settings-edits-on = 打开“回复即修改”
settings-edits-off = 关闭“回复即修改”
help-title = 发送 /imagine 加上你想看到的画面；--size 16:9 --n 2 这样的选项放在哪里都行。
help-others = 还有：{ $names }
help-admins = 管理员用：{ $names }
help-more = 发送 /help imagine 可查看某个命令的说明，/help all 列出全部命令。
start =
    你好，{ $name }！发送 /imagine 加上你想看到的画面，例如：
    /imagine 穿宇航服的柯基 --size 16:9
    回复图片并发送 /edit 可以修改它；/balance 查看余额，/help 查看其余命令。
    在群里由管理员从 /setup 开始：密钥、预算、语言。
hint-words = 想把它画出来，请在前面加上 /imagine；/help 列出其他命令。
hint-picture = 想修改这张图片，请回复它并发送 /edit 加上要求。
hint-unknown-command = 没有这个命令；/help 列出全部命令。

### 使用权限
access-request = { $name } 想在“{ $title }”（{ $place }）使用你的密钥。只会问你这一次；在那里的花费受你设定的上限约束。
access-allowed-answer = “{ $title }”现在可以使用你的密钥。
access-denied-answer = “{ $title }”不能使用你的密钥。
access-allowed-already = 另一位运营者已同意“{ $title }”；如需撤回，请发送 /deny { $place }。
access-denied-already = 另一位运营者已拒绝“{ $title }”；如仍要允许，请发送 /approve { $place }。
access-allowed-told = 运营者已同意本聊天使用，开始 /imagine 吧。
access-denied-told = 运营者没有同意本聊天使用；随时可以用 /key 设置自己的密钥。
claimed = { $name }，你现在是运营者：没有自己密钥的聊天会在这里向你申请。
error-access-new = 本聊天是新来的，我已询问运营者，有答复会在这里告诉你；没有扣费，用 /key 设置自己的密钥可以马上使用。
error-access-asked = 已就本聊天询问运营者，还没有答复；没有扣费，用 /key 设置自己的密钥可以马上使用。
error-access-denied = 运营者没有同意本聊天使用；没有扣费，随时可以用 /key 设置自己的密钥。
error-access-allowed = 本聊天可以继续使用，请重新发送。
error-operator-silent = 暂时联系不上运营者，本聊天还不能获准；没有扣费，请稍后再试，或用 /key 设置自己的密钥。
error-no-operator = 这个 Easel 还没有运营者：启动它的人可在日志里找到代码，并在私聊中发给我 /claim 代码；没有扣费。
error-claim-in-private = 请在私聊里发送 /claim，这里别人会看到代码。
error-claim-wrong = 代码不对；它写在 Easel 的日志里，每次启动都会换一个新的。
error-claim-closed = 已经有运营者了，没有可用的代码。
error-claim-playground = 使用画室的人就是运营者，这里无需认领；想在 Telegram 或 Discord 上成为运营者，请在那里把代码发给机器人。
error-claim-tries = 错误次数太多，请一小时后再试。
error-operator-only = 只有运营者可以这样做。
error-admin-only = 只有本聊天的管理员可以这样做。
error-not-allowed = 你在这里不能这样做；没有扣费。
error-not-yours = 那是 { $name } 的；只有本人或管理员可以这样做。
error-key-gone = 应当付费的密钥已被删除；没有扣费，请用 /key 重新设置后再试。

### 输入有误
error-prompt-empty = 请在 /{ $command } 后面写上你想看到的内容；没有扣费。
error-text-too-long = 内容有 { $length } 个字符，最多 { $most } 个；没有扣费，请缩短后再发。
error-option-unknown = 这里没有 --{ $option }{ $allowed ->
    [none] {""}
   *[other] ；你可能想用 { $allowed }
  }；没有扣费，只是看起来像选项的文字请放在引号里。
error-option-twice = --{ $option } 已在文字之外选定，文字里又写了“{ $value }”；没有扣费，请去掉其中一个。
error-option-missing = --{ $option } 需要一个值{ $allowed ->
    [none] {""}
   *[other] ：{ $allowed }
  }；没有扣费。
error-option-value = --{ $option } 不能是“{ $value }”；可用：{ $allowed }；没有扣费。
error-too-many-pictures = 一次最多修改 { $most } 张图片；没有扣费。
error-edit-without-picture = 没有可修改的图片：请回复一张图片、附上图片，或用 --of 指明任务；没有扣费。
error-mask-unfit = 遮罩必须是与原图同样大小（此处为 { $width }×{ $height }）、小于 4 MB 的 PNG，请以文件形式发送；没有扣费。
error-mask-alone = 遮罩前面要有图片：先附图片，最后附遮罩；没有扣费。
error-no-such-command = 没有 { $name } 这个命令；/help 列出全部命令。
error-no-such-job = 本聊天里找不到那个任务；/jobs 列出最近的任务。
error-job-without-picture = 那个任务还没有图片。
error-nothing-waits = 你在这里没有排队的任务。
error-too-late-to-cancel = 它已经在绘制，无法撤回。
error-job-over = 那个任务已经结束。
error-already-running = 它已经在绘制，图片马上就来。
error-decided-already = 这件事已经有人决定了。
error-unsupported-model = 这里没有模型 { $value }；可用：{ $allowed }；没有扣费。
error-unsupported-quality = { $model } 没有“{ $value }”这种质量；可用：{ $allowed }；没有扣费。
error-unsupported-format = { $model } 不能生成 { $value }；可用：{ $allowed }；没有扣费。
error-unsupported-background = { $model } 不能生成 { $value } 背景；可用：{ $allowed }；没有扣费。
error-unsupported-size = { $model } 不能生成 { $value }；可用尺寸：{ $allowed }；没有扣费。
error-unsupported-n = { $model } 一次不能生成 { $value } 张；可用：{ $allowed }；没有扣费。
error-unsupported-prompt = 提示词有 { $value } 个字符，{ $model } 最多接受 { $allowed } 个；没有扣费。
error-unsupported-edit = 本聊天的接口不能修改图片；没有扣费。
error-unsupported-images = { $model } 一次接受 { $allowed } 张图片，不能是 { $value } 张；没有扣费。
error-unsupported-mask = 本聊天的接口不接受遮罩；没有扣费。
error-unsupported-moderation = 本聊天的接口没有“{ $value }”这种审核级别；可用：{ $allowed }；没有扣费。
error-unsupported-compression = 本聊天的接口不能设置压缩级别；没有扣费，请去掉 --compression。
error-unsupported-compressed-format = 只有 JPEG 或 WebP 有压缩级别；没有扣费，请加上 { $allowed }。
error-unsupported-transparency = JPEG 不能透明；没有扣费，请改用 { $allowed }。

### 上限
error-cap-reached = { $account ->
    [operator] 运营者
    [pool] 付费密钥
    [member] 你
   *[chat] 本聊天
  }{ $period ->
    [day] 今天
   *[month] 本月
  }的额度不够：还剩 { $left }，这次约需 { $price }；没有扣费，用 /key 设置自己的密钥就不受此限。
error-cap-of-one = { $name } 的份额约 { $price }，而其{ $period ->
    [day] 今天
   *[month] 本月
  }的预算只剩 { $left }；没有扣费，可以去掉其词句再试，或改由发起人付款。
error-too-many = { $scope ->
    [member] 你
   *[chat] 本聊天
  }已有 { $limit } 个任务在排队；没有扣费，请等一个完成。

### 图片与平台
error-picture-gone = 这张图片这里已不再保存；没有扣费，请重新发送。
error-flooded = 聊天平台要求安静 { $seconds } 秒；什么都不会丢。
error-platform = 聊天平台没有接受，请再试一次。
error-unreachable = 我不能在那里发言；请管理员允许我发送消息和图片；图片已保存，用 /show 取回。
error-gone = 那条消息已经不在了。
error-not-delivered = 聊天平台没有回应；图片已保存，用 /show 取回。

### 图像接口
error-upstream = 图像服务拒绝了请求{ $detail ->
    [none] {""}
   *[other] ：{ $detail }
  }；没有扣费，请稍后再试。
error-bad-key = 图像服务不接受这个密钥（错误、停用或过期）；没有扣费，{ $payer ->
    [operator] 请运营者在 Easel 的设置（UPSTREAM_KEY 或 UPSTREAMS_FILE）里换上新的。
    [member] 请借出它的成员用 /pool 换上新的。
   *[chat] 请设置者用 /key 更新。
  }
error-out-of-credit = 密钥在图像服务的账户余额不足；没有扣费，{ $payer ->
    [operator] 请运营者充值。
    [member] 请借出它的成员充值。
   *[chat] 请其主人充值。
  }{ $request_id ->
    [none] {""}
   *[other] （联系其客服时请提供：{ $request_id }）
  }
error-forbidden = 这个密钥不能使用该模型或分组{ $detail ->
    [none] {""}
   *[other] ：{ $detail }
  }；没有扣费，{ $payer ->
    [operator] 请运营者联系图像服务。
    [member] 请借出它的成员联系图像服务。
   *[chat] 请其主人联系图像服务。
  }{ $request_id ->
    [none] {""}
   *[other] （联系其客服时请提供：{ $request_id }）
  }
error-not-found = 图像服务找不到这个地址、模型或任务{ $detail ->
    [none] {""}
   *[other] ：{ $detail }
  }；没有扣费，请检查地址和模型。{ $request_id ->
    [none] {""}
   *[other] （联系其客服时请提供：{ $request_id }）
  }
error-bad-request = 图像服务不接受这个请求{ $detail ->
    [none] {""}
   *[other] ：{ $detail }
  }；没有扣费，请修改后再试。{ $request_id ->
    [none] {""}
   *[other] （联系其客服时请提供：{ $request_id }）
  }
error-moderated = 图像服务的内容规则拒绝了这段文字或图片；没有扣费，换个说法也许可以。{ $request_id ->
    [none] {""}
   *[other] （联系其客服时请提供：{ $request_id }）
  }
error-busy = 图像服务正忙；没有扣费，请过几分钟再试。
error-down = 图像服务出故障或无法连接；没有扣费，请稍后再试。{ $request_id ->
    [none] {""}
   *[other] （联系其客服时请提供：{ $request_id }）
  }
error-failed-there = 图像服务接了任务却没有完成{ $detail ->
    [none] {""}
   *[other] ：{ $detail }
  }；没有扣费，请再试一次。{ $request_id ->
    [none] {""}
   *[other] （联系其客服时请提供：{ $request_id }）
  }
error-bad-answer = 图像服务的回答无法读取；这里没有计费，请再试一次，或请密钥的主人看一看。{ $request_id ->
    [none] {""}
   *[other] （联系其客服时请提供：{ $request_id }）
  }
error-never-ends = 图像服务已接单，但没有按时完成，之后仍可能完成并扣费；{ $decided ->
    [yes] 已有人作出决定，这里不再为它预留额度，再试的请求会另有一条消息。
   *[no] “再查一次”不花钱，结果明确之前，这笔额度会先保留。
  }{ $request_id ->
    [none] {""}
   *[other] （联系其客服时请提供：{ $request_id }）
  }
error-unknown-outcome = { $what ->
    [broke] 请求发出后连接中断，对方可能已接受
    [late] 图像服务没有及时回答，请求可能已被接受
    [status] 图像服务回答了一个错误（HTTP { $status }{ $detail ->
        [none] {""}
       *[other] ：{ $detail }
      }），请求可能已被接受
    [unreadable] 图像服务的回答中断、为空或无法读取，请求可能已被接受
    [interrupted] 图像服务回答之前 Easel 中断了，请求可能已被接受
    [key] 图像服务接单后不再接受这个密钥，任务可能已完成
    [gone] 图像服务接单后却不再认得这个任务，任务可能已完成
    [trouble] 图像服务接单后说不清任务的下落{ $status ->
        [none] {""}
       *[other] （HTTP { $status }{ $detail ->
            [none] {""}
           *[other] ：{ $detail }
          }）
      }，任务可能已完成
   *[other] 请求发出后下落不明，对方可能已接受
  }并扣费；{ $decided ->
    [yes] 已有人作出决定，这里不再为它预留额度，再试的请求会另有一条消息。
   *[no] 我不会自己重试，由你决定。
  }{ $request_id ->
    [none] {""}
   *[other] （联系其客服时请提供：{ $request_id }）
  }

### 读取图片
error-picture-not = 这个文件不是我能读取的图片；没有扣费，请发送 PNG、JPEG、WebP 或 GIF。
error-picture-broken = 这张图片已损坏，或传输时不完整；没有扣费，请重新发送。
error-picture-too-many-pixels = 这张图片有 { $megapixels } 百万像素，最多 { $most } 百万；没有扣费，请发送小一些的图片。

### storage
error-storage = Easel 无法写入数据库或磁盘；本次没有扣费，请运营者查看日志和剩余磁盘空间后再试。
error-storage-unsure = 写入过程中数据库失去连接，所以本次请求可能已被接受并扣费；再次请求前请先用 /jobs 查看，并请运营者检查数据库。
setup-postgresql-missing = STORE_URL 指向 PostgreSQL，但尚未安装连接它所需的组件；请运行 pip install "easel[postgresql]"，或把 STORE_URL 设为 SQLite 文件。
setup-proxy = 无法使用环境变量（HTTP_PROXY、HTTPS_PROXY 或 ALL_PROXY）指定的代理（{ $reason }）；请改用 HTTP 代理，密码中的特殊字符写成 %23 这样的形式，或取消该变量，然后重新启动。
setup-server-failed = 无法使用 PostgreSQL 数据库 { $place }（{ $reason }）；请确认服务器正在运行且 STORE_URL 无误，然后重新启动。
setup-folder-taken = 另一个 Easel 正在使用文件夹 { $path }；请先停止它，或为当前这个另设 DATA_FOLDER。
setup-store-url = STORE_URL 以“{ $scheme }”开头，Easel 不认识这种写法；应写成 sqlite:///data/easel.db，绝对路径则写成 sqlite:////var/lib/easel/easel.db。
setup-folder = Easel 无法写入 { $path }（{ $reason }）；请让运行 Easel 的用户拥有该位置的写权限，或换一个位置。
setup-already-running = 另一个 Easel 正在使用 { $path }；请先停止它，或为这一个指定单独的数据目录和 STORE_URL。
setup-database-newer = 数据库 { $path } 是由更新版本的 Easel 写入的；数据没有任何改动，请重新安装那个较新的版本，或换回升级前自动保存的副本。
setup-database-broken = { $path } 已损坏，或者不是 Easel 的数据库；数据没有任何改动，请换上备份，或把它移走以便从空数据库开始。
setup-database-failed = 无法打开数据库 { $path }（{ $reason }）；请确认没有其他程序占用它、磁盘还有空间，然后重新启动。

### 密钥与设置
error-setup = Easel 无法这样启动；请按日志里的说明修正后再启动。
error-seal-broken = 本聊天保存的密钥无法再打开，因为 Easel 的 SECRET_KEY 变了；没有扣费，请用 /key 重新设置。
setup-secret-shared = 使用 PostgreSQL 时请设置 SECRET_KEY：共用数据库的每个 Easel 都需要同一个密钥，至少 16 个字符。
setup-role-alone = --role { $role } 用于多个 Easel 共用一个 PostgreSQL；请把 STORE_URL 指向它，或去掉 --role。
setup-secret-short = SECRET_KEY 太短：至少要 { $least } 个字符，或者留空，由 Easel 自动生成。
setup-secret-file = 无法读取或生成 { $path } 里的密钥（{ $reason }）；请给 Easel 该文件的权限，或设置 SECRET_KEY。
setup-secret-damaged = { $path } 里的密钥已损坏；请从备份恢复，或删除它并让每个聊天重新设置密钥。
setup-settings =
    Easel 无法用这些设置启动：
    { $problems }
setup-setting-number = { $name } 不能是“{ $value }”；请填 { $least } 到 { $most } 之间的数字。
setup-setting-choice = { $name } 不能是“{ $value }”；可选：{ $allowed }。
setup-setting-money = { $name } 不能是“{ $value }”；请填 2.50 这样的金额，留空表示不设上限。
setup-setting-url = { $name } 不能是“{ $value }”；请填以 http:// 或 https:// 开头的地址。
setup-setting-https = { $name } 不能是“{ $value }”；Telegram 只访问以 https:// 开头的地址。
setup-setting-people = { $name } 不能是“{ $value }”；请按 telegram:123,discord:456 的形式填写。
setup-setting-hosts = { $name } 不能是“{ $value }”；请填 relay.local 或 relay.local:8443 这样的主机名。
setup-setting-token = { $name } 不是 @BotFather 给出的令牌（形如 123456:ABC…）；请重新复制。
setup-setting-key = { $name } 含有空格或密钥里不会有的字符；请重新复制。
setup-upstream-dialect = 设置了 UPSTREAM_KEY，但没有说明是哪家的；请把 UPSTREAM_DIALECT 设为以下之一：{ $allowed }。
setup-upstream-key = UPSTREAM_DIALECT { $dialect } 需要密钥；请设置 UPSTREAM_KEY，或者两项都留空以使用沙盒。
setup-upstream-url = UPSTREAM_DIALECT { $dialect } 需要服务地址；请设置 UPSTREAM_URL。
setup-env-file = 无法读取 { $path }（{ $reason }）；它应是 Easel 有权读取的 UTF-8 文本文件。
setup-env-lines = { $count ->
   *[other] { $path } 的第 { $lines } 行无法读取，已跳过；每行应写成 NAME=value，或以 # 开头。
  }
setup-typo = { $path } 里的 { $name } 不是 Easel 的设置；你要写的可能是 { $near }。

### web

web-easel = Easel
web-title = 画室
web-you = 你
web-empty-title = 今天画点什么？
web-hint = 描述一幅画，或者带上图片并说明要改哪里。输入 / 可查看所有命令。
web-example-one = 一只穿宇航服的柯基望着地球升起，布面油画
web-example-two = 黎明港口的纸雕剧场，灯光从内部透出
web-example-three = 用野花拼成的“勇气”二字，1880 年的植物图谱风格
web-words = 你的描述
web-placeholder = 描述一幅画……
web-command = 命令
web-options = 选项
web-options-apart = 正在输入另一个命令，这些选项不会随它发送。
web-default = 默认
web-all = 显示全部
web-less = 收起
web-attach = 添加图片
web-drop = 把图片拖到这里
web-really-delete = 确定删除？
web-remove = 移除
web-send = 发送
web-upload-large = 文件超过 25 MB，没有上传。
web-upload-failed = 文件没有传上来，请移除后重试。
web-use = 用于下一条描述
web-download = 下载
web-open = 放大查看
web-clear = 清空
web-close = 关闭
web-next = 下一张
web-previous = 上一张
web-to-latest = 回到最新消息
web-offline = 暂时连不上 Easel，正在重试……
web-ok = 发送
web-cancel = 取消
web-logout = 退出登录
web-login-title = Easel
web-login-password = 密码
web-login-enter = 登录
web-login-wrong = 密码不对。运营者可以在 WEB_PASSWORD 设置中查到它。
web-login-locked = 输错的次数太多，请等一分钟再试。
error-web-host = 画室只接受本机访问；请用 http://127.0.0.1 打开，或设置 WEB_PASSWORD 后再使用其他域名。
error-web-proxy = 这个请求经过了代理，而画室没有设置密码；请设置 WEB_PASSWORD 并重启 Easel，然后再试。
error-web-origin = 这个请求来自其他网站，未做任何操作；请直接打开画室页面。
error-web-login = 请先登录。
error-web-password = 任何能连到 { $host } 的人都可以打开画室；请设置 WEB_PASSWORD，或让 WEB_HOST 保持为 127.0.0.1。
error-port-taken = 端口 { $port } 已被其他程序占用（{ $reason }）；请停掉那个程序，或把 WEB_PORT 换成空闲端口。
error-web-address = Easel 无法监听 { $host }（{ $reason }）；请把 WEB_HOST 设为本机的地址。

### 网页表单中选项的名称；含义见 option-…
label-size = 尺寸
label-quality = 质量
label-n = 张数
label-model = 模型
label-format = 文件格式
label-background = 背景
label-compression = 压缩级别
label-moderation = 内容审核
label-of = 旧任务
label-mask = 蒙版
label-resolution = 清晰度
label-seconds = 秒数
label-ratio = 画面比例
label-use = 图片用途
label-videos = 参考视频
label-audios = 参考音频
label-sound = 声音
label-watermark = 水印
label-seed = 种子数
label-gif = 附带 GIF
label-fallback = 备用通道
label-go = 谁喊开画
label-cost = 谁付款
label-minutes = 分钟
label-remove = 去掉词句
label-chat-day = 本聊天每天
label-chat-month = 本聊天每月
label-member-day = 每人每天
label-member-month = 每人每月
label-role = 身份组
label-member = 成员
label-period = 期限
label-day = 每天
label-month = 每月
label-dialect = 接口格式
label-url = 接口地址
label-chat = 聊天
label-language = 语言
label-reply-edits = 回复即修改
label-relay = 图像服务
label-ask-above = 高于此价先问
label-keep-days = 保留天数
label-key = 密钥
label-budget = 预算

### Telegram
error-telegram-token = Telegram 不接受 TELEGRAM_TOKEN；请从 @BotFather 重新复制令牌，如果设置了 TELEGRAM_API_URL，也请检查该地址。
error-telegram-webhook = Telegram 不接受 TELEGRAM_WEBHOOK_URL（{ $reason }）；请填写互联网可以访问的 https 地址，或将它留空，改用轮询。
error-picture-too-big = 这个文件超过了可获取的 { $most } MB 上限；没有扣费，请发送小一些的图片。

### 启动画面
setup-address = Easel 已在 { $address } 就绪，用本机浏览器打开，输入提示词即可。
setup-next-key = 目前由内置的沙盒画图：想要真正的图片，请在 .env 里填写 UPSTREAM_DIALECT 和 UPSTREAM_KEY（参见 .env.example），然后重新启动。
setup-next-token = 要接入 Telegram 或 Discord，请在 .env 里填写 TELEGRAM_TOKEN 或 DISCORD_TOKEN（参见 .env.example），然后重新启动。
setup-claim = 还没有运营者：请在私聊中向机器人发送 /claim { $code }。
setup-telegram-silent = 无法连接 Telegram（{ $reason }）；我会一直重试，请检查网络、TELEGRAM_API_URL，以及途中的代理或防火墙。
setup-discord-silent = 无法连接 Discord（{ $reason }）；我会一直重试，请检查网络、DISCORD_API_URL，以及途中的代理或防火墙。
setup-stopped = Easel 已停止；未完成的任务会在下次启动时继续。

### Discord
picture-reencoded = { $count ->
    [1] 这张图超过了这里的大小上限，所以发的是压缩后的副本；原图仍保留着。
   *[other] 有 { $count } 张图超过了这里的大小上限，所以发的是压缩后的副本；原图仍保留着。
  }
picture-left-out = 有 { $count } 张图没能发到这里；图片仍保留着，请管理员确认我有“附加文件”的权限。
discord-form-late = Discord 只允许把表单作为第一个回应，这里已经来不及；什么都没有执行，请再次使用该命令并填写文字。
error-discord-token = Discord 不接受这个机器人令牌；请到开发者后台（Bot → Reset Token）重新复制，填入 DISCORD_TOKEN。
error-discord-intents = Discord 拒绝了所请求的 intents；Easel 一个也不需要，请检查 DISCORD_API_URL 处的代理是否改动了请求。
error-discord-shards = Discord 拒绝这样的分片方式；请把 DISCORD_SHARDS 留空，由 Discord 决定需要多少条连接。

### What a result says about itself
note-size-nearest = 图像服务不接受所要的尺寸，已改用它支持的最接近的尺寸；被拒绝的那次没有计费。

### 外部地址
error-address-unreadable = 这不是我能识别的网址；这里没有扣费，请提供类似 https://example.com/picture.png 的地址。
error-address-scheme = 不会打开以 { $scheme }: 开头的地址；这里没有扣费，请改用以 https:// 开头的地址。
error-address-login = 地址里带有用户名或密码，因此没有打开；这里没有扣费，请改用不含它们的地址。
error-address-private = { $host } 不在公共互联网上，因此没有连接，也没有扣费；请改用公网地址，或请运营者把它加入 TRUSTED_HOSTS。
error-address-port = { $host } 的端口 { $port } 属于其他类型的服务，因此没有连接；这里没有扣费，请使用常见的网页端口。
error-address-redirects = { $host } 的跳转超过了 { $most } 次；这里没有扣费，请直接使用文件本身的地址。
error-address-large = { $host } 上的这个文件超过 { $most } MB，因此没有下载；这里没有扣费，请换一个小一些的文件。
error-address-slow = { $host } 传输太慢，我没有再等下去；这里没有扣费，请稍后再试或换一个地址。
error-address-not-file = { $host } 发来的是网页或压缩数据，不是文件本身；这里没有扣费，请使用文件本身的地址。
error-address-status = { $host } 没有提供这个文件（HTTP { $status }）；这里没有扣费，请检查地址或稍后再试。
error-address-silent = { $host } 无法连接，或传到一半就中断了；这里没有扣费，请稍后再试。

### 以网址给出的结果
error-result-lost = 图片已经画好，多半也已扣费，但{ $host ->
    [none] 它的地址
   *[other] {" "}{ $host }{" "}
  }没有把它交出来{ $status ->
    [none] {""}
   *[other] （HTTP { $status }）
  }；{ $decided ->
    [yes] 已有人作出决定，这里不再为它预留额度，再试的请求会另有一条消息。
   *[no] 我不会自己重新下单，由你决定。
  }{ $job ->
    [none] {""}
   *[other] （联系图像服务的客服时请提供：{ $job }）
  }

### 按积分计费的尺寸，以及逐张生成
error-unsupported-4k = { $model } 的 4K 只有 { $allowed } 这些比例；没有扣费，请改用尺寸 { $value }。
note-missing-unsure = 有 { $missing } 张图片没有出来，但其中可能有的已被收费，因此也和出来的 { $got } 张一起计入用量；Easel 不会自行重新下单。

### 视频
error-no-videos = 本聊天的图像服务不能生成视频；没有扣费。
error-no-video-model = 没有视频模型 { $value }；可用：{ $allowed }；没有扣费。
error-video-option = { $model } 不接受 --{ $option } { $value }{ $allowed ->
    [none] {""}
   *[other] ；可用：{ $allowed }
  }；没有扣费。
command-video = 用文字（和一张起始图片）生成视频
command-remix = 续写已完成的 VEO 视频：回复它，或指定任务
option-resolution = 视频的清晰度
option-seconds = 时长，单位秒
option-ratio = 画面比例：16:9、9:16、1:1 等
option-use = 图片的用途：作为视频的开头画面，或作为参考
option-videos = 参考视频（或要修改的一个视频）的公网地址
option-audios = 参考音频的公网地址
option-sound = 声音：开或关；修改视频时为 auto 或 origin
option-watermark = 是否加上水印
option-seed = 一个数字：相同的数字会得到几乎相同的视频
option-gif = 是否同时生成 GIF（仅 720p）
option-fallback = 服务自己的通道失败时，是否可改用官方通道
button-remix = 续写
form-remix = 续写这个视频
form-remix-prompt = 接下来发生什么？
error-video-not-edited = 这里不能修改视频；没有扣费，可用 /remix 续写，或用 /video 重新生成。
error-remix-of-what = 请用 /remix 回复一个已完成的视频，或用 --of 指定任务；没有扣费。
error-remix-elsewhere = 那个视频是用另一个密钥生成的，只有它的图像服务才有；没有扣费，请用 /video 重新生成。
file-too-large = 文件有 { $size } MB，而这里一条消息最多 { $most } MB；{ $link ->
    [none] 文件已保存，运营者可在图片文件夹中找到 { $name }；设置 WEB_PUBLIC_URL 后，这里会直接给出链接。
   *[other] 请从这里打开：{ $link }
  }
error-link-over = 链接已失效或无效；可在原来的聊天里用 /show 找回图片。
file-original = 原图（{ $size } MB）：{ $link }
option-ask-above = 从多少价格起先询问：美元金额、off 或 default
ask-price = 预计花费约 { $price }；现在还没有扣费。
ask-price-forgone = 已放弃；没有扣费。
button-spend = 继续（{ $price }）
button-forgo = 算了
error-not-asked = 这个问题是问别人的，或已经回答过；没有扣费。

### 中转站：能做什么、选用哪一个、UPSTREAMS_FILE 里的那些
option-relay = 这里使用运营者的哪个图像服务，或 default
relay-can = 它能做的：{ $list }。
can-pictures = 每次最多 { $n } 张
can-sizes = 尺寸 { $sizes }
can-4k = 尺寸可到 4K
can-4k-some = 4K 仅限 { $ratios }
can-edits = { $images ->
    [0] 不能修改图片
   *[other] 可同时参考 { $images } 张图片来修改
  }
can-masks = 蒙版
can-previews = 绘制时可预览
can-videos = 视频
can-balance = 可查余额
settings-relay = 图像服务：{ $relay }（可选 { $names }；用 /settings relay 名称 来选择）
error-key-dialect = 不花钱就无法判断这个地址是哪种中转站；没有扣费，密钥也没有保存，请用 --dialect 说明：{ $allowed }。
error-key-address = { $dialect } 没有公认的地址；没有扣费，密钥也没有保存，请用 --url https://… 给出地址。
setup-relays-file = 无法读取 UPSTREAMS_FILE { $path }（{ $reason }）；它应是 TOML 文件，每个图像服务一个表。
setup-relay-name = { $path } 中的“{ $name }”不能作为图像服务；表名请用字母、数字、点和短横，且不能是 default。
setup-relay-field = { $path } 的 [{ $name }] 里有 Easel 不认识的 { $field }；可用的有 { $allowed }。
setup-relay-value = { $path } 的 [{ $name }] 里 { $field } 的值不对{ $allowed ->
    [none] {""}
   *[other] ；应类似 { $allowed }
  }。
setup-relay-missing = { $path } 的 [{ $name }] 缺少 { $field }。

### easel prices
prices-title = 每张图片的美元价格，按质量和尺寸，以目前所知为准；任务按此预留和计费。
prices-nothing = 免费
prices-tokens = 回答给出令牌数时按实际用量计费；每百万令牌：{ $rates }
prices-credit = 该服务按积分计费；每积分按 { $price } 计
prices-second = 每秒：{ $rates }
prices-video = 每个视频：{ $rates }
prices-own = 价格不同？把自己的价目表写进 PRICES_FILE；写法见 docs/prices.md。
setup-prices-file = PRICES_FILE { $path } 无法使用（{ $reason }）；写法见 docs/prices.md。

### 操作记录：谁做的写在前面，这里写做了什么
command-audit = 管理员和运营者在这里做过什么
option-which = 往回翻多少条；运营者可用 "everywhere" 看全部
audit-title = 管理员和运营者在这里做过的事，最新的在前（时间为 UTC）：
audit-nothing = 这里还没有操作记录。
button-older = 更早
audit-key-set = 设置了密钥 { $hint }（{ $dialect }）
audit-key-forgotten = 移除了密钥 { $hint }
audit-settings = 更改了设置：{ $changes }
audit-access-allowed = 允许本聊天使用运营者的密钥
audit-access-denied = 拒绝本聊天使用运营者的密钥
audit-claimed = 成为了运营者
audit-job-cancelled = 撤回了 { $name } 的任务 { $job }
audit-job-deleted = 删除了 { $name } 的任务 { $job }
audit-job-looked = 让 { $name } 的任务 { $job } 再查了一次
audit-job-given-up = 放弃了 { $name } 的任务 { $job }
audit-jam-phrase = 从共同作画中去掉了 { $name } 的一句话
audit-jam-ended = 结束了 { $name } 的共同作画

### 共同作画
jam-title = 共同作画：{ $brief }（发起人：{ $name }）
jam-round = 第 { $round } 轮：想改什么？可以添词、投票，或者直接继续。
jam-ballot = 图片得票：{ $tally }。下一轮从第 { $winner } 张开始。
jam-no-phrases = 还没有人添词：按“添词”{ $how ->
    [reply] ，或回复本消息写上几句。
   *[form] 写上几句。
  }
jam-best = 得票最高的 { $most } 条会写进提示词。
jam-go-named = 由 { $names } 说开画。
jam-go-quorum = { $needed ->
    [one] 任何人都可以说开画。
   *[other] 需要 { $needed } 个人说开画。
  }
jam-go-timer = 发起后 { $minutes } 分钟自动开画。
jam-paid-host = 由 { $name } 付款。
jam-paid-shared = 由 { $name } 和词句被采用的人平摊。
jam-about = 约 { $price }。
jam-asking = { $shared ->
    [yes] 这一轮约需 { $price }，由 { $name } 和词句被采用的人平摊。继续吗？
   *[other] 这一轮约需 { $price }，由 { $name } 付款。{ $name }，继续吗？
  }
jam-painting = 第 { $round } 轮正在绘制：
jam-painting-add = 现在添的词留给下一轮。
jam-below = 请看下方的新画布。
jam-credit = 共同创作：{ $names }
jam-over-title = 共同作画结束：{ $brief }
jam-over-nothing = 没有画出图片，也没有扣费。
jam-with = 参与者：{ $names }
jam-bill = 共计 { $total }：{ $shares }
jam-free = 没有产生费用。
jam-removed = 已去掉。
button-jam-add = 添词
button-jam-go = 开画
button-jam-next = 下一轮
button-jam-end = 结束
button-jam-album = 全部图片
form-jam = 这幅画的主题是什么？
form-jam-brief = 先写上几句
form-jam-add = 给这幅画添几句
form-jam-phrase = 几个词
error-jam-none-here = 这里没有这场共同作画；用 /jam 加上几句话即可开始。
error-jam-no-words = 里面没有文字；请写出画里该有什么。
error-jam-enough = 这一轮你已有 { $most } 条；可以给别人投票，或收回一条：/jam --remove 加编号。
error-jam-full = 画布已满：{ $most } 条；请投票，或说开画。
error-jam-crowded = 已有 { $most } 人参与，无法再加入；没有扣费。
error-jam-no-such-phrase = 那条词句已经不在了。
error-jam-late = 那是之前一轮的；什么都没有发生，最新的画布在下方。
error-jam-painting = 已经在绘制了；这次点击没有作用，也不会多扣费。
error-jam-over = 这场共同作画已经结束；用 /jam 加上几句话可以再开一场。
error-jam-empty = 还没有可画的内容：请先添几句；没有扣费。
error-jam-not-you = 这一场不由你决定：{ $name } 选定了由谁来说；没有扣费。
### 聊天的规则
command-rules = 这里可以画什么：查看规则，或改一条
command-block = 不再让某人在这里作图：回复对方、提及或写出名字
command-unblock = 让某人重新可以作图：回复对方、提及或写出名字
option-rule = 一条规则：slow 60 · quiet on · block word 猫 · allow role @x · style after 水墨画 · clear
option-who = 谁：提及、名字，或回复对方时留空；运营者可在后面加 everywhere
rules-title = 这里的规则：
rules-none = 人人都可以画任何内容，次数不限。
rules-how = 修改：/rules slow 60 · block word … · allow/deny @某人 或 here · spoiler on · quiet on · style after … · clear
rules-only-people = 只有 { $who } 和管理员可以作图。
rules-only-places = 只能在 { $where } 作图。
rules-not-people = { $who } 不能作图。
rules-not-places = { $where } 里不能作图。
rules-words = { $count ->
   *[other] 屏蔽了 { $count } 个词。
  }
rules-slow = 每位成员每 { $seconds } 秒可以请求一次。
rules-quiet = 回答不发出提示音。
rules-veiled = 这里的图片先遮住，点一下才显示。
rules-adults = 只能在标有年龄限制的频道里作图。
rules-style = 统一风格，会加在每条描述前后：{ $style }
job-style = 统一风格：{ $style }
button-quiet-on = 静音：打开
button-quiet-off = 静音：关闭
button-spoiler-on = 在这里遮住图片
button-spoiler-off = 在这里直接显示图片
button-nsfw-on = 只限年龄限制频道
button-nsfw-off = 所有频道
button-slow-on = 慢速：每分钟一次
button-slow-off = 慢速：关闭
button-unblock = 解除屏蔽
blocked = { $name } 不能再在这里作图；/unblock 可以解除。
blocked-everywhere = { $name } 不能再在任何地方作图；/unblock 加 everywhere 可以解除。
unblocked = { $name } 又可以作图了。
audit-rules = 更改了规则：{ $rule }
audit-blocked = 屏蔽了 { $name }
audit-unblocked = 解除了对 { $name } 的屏蔽
error-rules-person = 这里的规则不允许你作图；没有扣费，本聊天的管理员可以更改。
error-rules-house = 运营者不允许你作图；没有扣费，只有运营者可以更改。
error-rules-place = 本聊天的这个部分不作图；没有扣费，/rules 会告诉你在哪里可以。
error-rules-adults = 这里只在有年龄限制的频道里作图；没有扣费，请到那样的频道里去。
error-rules-words = 这里的规则不允许其中的一些词；没有扣费，请换个说法。
error-too-soon = 这里开了慢速模式：{ $seconds ->
   *[other] { $seconds } 秒
  }后你可以再次请求；没有扣费。
error-block-admin = 不能屏蔽管理员；什么都没有改。
error-not-blocked = { $name } 没有被屏蔽；什么都没有改。
error-whom = 请在 /{ $command } 后面写明是谁，或在回复对方时使用；什么都没有改。
error-whom-unknown = 我不认识这里叫“{ $name }”的人；什么都没有改，请改为回复对方的消息。
error-whom-several = 可能指好几个人；什么都没有改，请用括号里的编号：{ $names }
error-rule-unknown = 没有“{ $rule }”这条规则；什么都没有改，可用的有 slow、quiet、spoiler、nsfw、block word、allow、deny、style 和 clear。
error-rule-block = 不能这样屏蔽“{ $rule }”；什么都没有改，请写 /rules block word 猫，狗；屏蔽人请用 /block。
error-rule-words = 请写出词，用逗号隔开；什么都没有改，例如 /rules block word 猫，狗。
error-rule-role = 身份组要用提及来写，例如 @painters；什么都没有改。
error-rule-slow = 请写明多久，例如 60、5 min 或 off；什么都没有改。
error-rule-style = 请写明加在哪里：/rules style before …、/rules style after … 或 /rules style off；什么都没有改。
error-rule-switch = “{ $value }”既不是 on 也不是 off；什么都没有改。
### Keeping: easel audit, backup, restore, export, move

setup-nothing-kept = { $path } 还没有数据库；请把 STORE_URL 设为你的数据库所在，或在 Easel 的文件夹里运行。
setup-database-older = { $path } 是由旧版 Easel 写的；请先启动一次现在的 Easel，它会自动升级，然后再试。
setup-holds-data = { $path } 里已经有数据，什么都没有改动；请换一个空的位置，或用 --replace 恢复，原有的内容会另行保留。
setup-archive-exists = 文件 { $path } 已存在，没有动它；请换一个名字。
setup-archive-missing = 没有 { $path } 这个文件；请确认备份在哪里，再写上它的名字。
setup-archive-damaged = { $path } 已损坏，或不是 Easel 的备份（{ $reason }）；什么都没有改动，请换一份备份。
setup-move-differs = 到达的内容与原来的不一致（{ $what }）；目标处什么都没有留下，原处也没有变，请检查磁盘后再试。
setup-secret-elsewhere = 没有 { $path }：密钥就是设置里的 SECRET_KEY；请去掉 --with-secret，并保管好那份设置。
books-looked = 核对了 { $jobs } 个任务、{ $accounts } 个账户的 { $entries } 条账目，以及 { $pictures } 张图片。
books-money = 任务共花费 { $settled }；进行中的任务预留了 { $held }。
books-fine = 一切相符。
books-problems = 有 { $count } 处不相符。
books-sum = 账户 { $account }，{ $period }：合计与账目不符（{ $off }）。
books-negative = 账户 { $account }，{ $period }：出现了负数金额。
books-kind = 账本里有未知类型的账目：{ $kind }。
books-no-job = 账户 { $account } 上记有任务 { $job }，但该任务不存在。
books-no-hold = 任务 { $job } 在 { $account } 上不是恰好在同一天有一笔预留。
books-closed-early = 任务 { $job } 还可能产生费用，但它在 { $account } 上的预留已经退回。
books-left-open = 任务 { $job } 已经结束，但它在 { $account } 上的预留仍未关闭。
books-unsettled = 任务 { $job }：是否有费用，与 { $account } 上的结算不一致。
books-released = 任务 { $job }：{ $account } 上退回的金额与预留的不同。
books-amount = 任务 { $job }：{ $account } 上预留或结算的不是该任务的金额。
books-unbooked = 任务 { $job } 有价格，账本里却没有它的账目。
books-cost = 任务 { $job }：费用与它的状态不符。
books-link = 任务 { $job } 展示图片 { $picture }，但其中之一不存在。
books-no-file = 图片 { $name } 没有文件。
books-size = 图片 { $name } 的文件大小与原来不同。
books-no-row = 文件 { $name } 不属于任何图片。
books-damaged = 数据库文件本身已损坏（{ $what }）：请恢复最近的备份。
books-orphan = { $table } 中有一行引用了 { $parent } 中不存在的一行。
books-unreadable = { $table } 中的 { $row } 这一行无法读取。
keeping-made = { $path }：{ $rows } 行数据，{ $pictures } 张图片，{ $size } MB。
keeping-missing = 有 { $count } 张图片没有文件，因此不在其中。
keeping-with-secret = 用来封存各聊天密钥的秘密也在其中：拿到这个文件的人就能打开它们，请放在别人看不到的地方。
keeping-no-secret = 用来封存各聊天密钥的秘密不在其中：请另外保管 { $path }（或你的 SECRET_KEY），或用 --with-secret 制作；没有它，每个聊天都得重新设置密钥。
keeping-restored = 已恢复 { $made } 的 { $rows } 行数据和 { $pictures } 张图片；可以启动 Easel 了。
keeping-before = 原有的内容保留在 { $path }。
keeping-needs-secret = 备份里没有秘密：{ $path } 或 SECRET_KEY 必须是当时的那一个，否则每个聊天都得重新设置密钥。
keeping-moved = 已搬移 { $rows } 行数据和 { $pictures } 张图片，并逐一核对；原处没有变。
keeping-next = 现在请把 STORE_URL 设为新的位置，把 SECRET_KEY 设为 secret.key 里的内容（如果还没有设过），然后启动 Easel。
### 钱包：上限、额外额度、价格
command-price = 一张图在这里要花多少钱（不会产生费用）
command-caps = 每天和每月的金额上限：本聊天、每位成员、某个身份组
command-grant = 一次性追加额度：给某位成员，或给本聊天
option-amount = 追加多少，例如 2.00；文字中成员写在前面：@ann 2.00
option-member = 指哪位成员；不填则是整个聊天
option-period = 仅今天（也计入本月），或本月
option-chat-day = 本聊天每天的上限：美元金额，或 "off"
option-chat-month = 本聊天每月的上限：美元金额，或 "off"
option-member-day = 每位成员每天的上限：美元金额，或 "off"；配合身份组则只对其成员
option-member-month = 每位成员每月的上限：美元金额，或 "off"；配合身份组则只对其成员
option-role = 成员有单独上限的身份组
caps-title = 这里的上限（按 UTC 的日和月计）：
caps-chat = 本聊天：{ $caps }
caps-member = 每位成员：{ $caps }
caps-role = 身份组 { $role } 的成员：{ $caps }
caps-operator = 另有运营者的上限：本聊天{ $chat }，每位成员{ $member }
caps-said = 每天 { $day }，每月 { $month }
granted = { $name ->
    [none] 本聊天
   *[other] { $name }
  }{ $period ->
    [day] 今天
   *[month] 本月
  }可以多花 { $amount }。
audit-caps = 更改了上限：{ $caps }
audit-granted = 给{ $name ->
    [none] 本聊天
   *[other] { $name }
  }追加了 { $amount }（{ $period ->
    [day] 当天
   *[month] 当月
  }）
error-grant-no-cap = 那里没有由你设定的上限，无需追加；什么都没有改动，/caps 可以查看和设置上限。
price-about = 约需 { $price }；现在还没有花费。
price-nothing = 在这里不花钱。
price-title = 用 { $model } 画一张图，按质量和尺寸约需：
price-more = 其他情况：/price 加上 /imagine 的选项，或回复一张图片。

### 为什么在这里做不到
command-why = 是什么让你不能在这里作图，以及怎么解决
why-fine = 这里没有什么妨碍你：用 /imagine 开始吧。
why-fine-other = 这里没有什么妨碍 { $name }。
why-not = 这里妨碍你的是：
why-not-other = { $name } 在这里会得到这样的答复：
note-queue = { $count ->
   *[other] 这里有 { $count } 个任务在等待，其中你的有 { $mine } 个。
  }
note-telegram-privacy = 我在这里只能听到命令和对我的回复，听不到普通的话，相册中也只看得到带说明的那一张，因为开着隐私模式；可在 @BotFather 用 /setprivacy 更改，或把我设为管理员。
note-discord-intents = 我在这里只能听到命令、菜单和按钮，听不到普通的话：我没有向 Discord 要任何 intent，所以也不缺哪个。
ailing-telegram-out = 我已经不在那个聊天里了；请管理员重新把我加进去。
ailing-telegram-post = 我不能在这个频道发布；请管理员把我设为可以发布消息的管理员。
ailing-telegram-mute = 我不能在这个群里发言；请管理员允许成员或我发送消息。
ailing-telegram-pictures = 我不能在这个群里发图片和文件；请管理员允许成员或我发送照片和文件。
ailing-discord-view = 我看不到这个频道；请管理员在这里给我的身份组“查看频道”权限。
ailing-discord-send = 我不能在这个频道发言；请管理员在这里给我的身份组“发送消息”权限。
ailing-discord-attach = 我不能在这个频道发图片；请管理员在这里给我的身份组“附加文件”权限。
ailing-discord-threads = 我不能在子区里发言；请管理员在这里给我的身份组“在子区内发送消息”权限。
error-jam-host-cap = { $name } { $period ->
    [day] 今天
   *[month] 本月
  }只剩 { $left }，而这一次约需 { $price }；没有扣费，可请管理员追加额度{ $cost ->
    [host] ，或用 --cost shared 另开一场。
   *[shared] 。
  }
### 你的数据
command-forget = 删除你的文字、图片和密钥
option-me = 写 me：只能是你自己
button-forget = 是的，全部删除
button-remember = 保留
forget-ask = 这会永久删除{ $jobs ->
    [0]  Easel 保存的关于你的一切
   *[other] 你在所有聊天中的 { $jobs } 个请求及其文字和图片
  }，你在 /jam 中写的内容，以及你提供的密钥。花费只以金额留在账目里；聊天中的消息会留着，直到你在那里删除。
forget-done = 已删除：{ $jobs } 个请求的文字和图片，{ $keys } 个密钥。{ $live ->
    [0] {""}
   *[other] 还有 { $live } 个请求正在进行，结束后会一并删除。
  }
forget-not = 一切保持不变。
error-forget-others = 只有提出的人才能回答；/forget me 只针对自己。
error-job-forgotten = 它的文字已被删除，无法再画；没有扣费，请用 /imagine 重新开始。
settings-keep = 文字和图片 { $days } 天
option-keep-days = 本聊天的文字和图片保留多少天；0：与 Easel 相同

### 设置一个聊天
command-setup = 设置本聊天：图像服务、密钥、预算、语言
option-answer = 对当前问题的回答
option-budget = 每月最多花多少：本聊天，然后每位成员，例如 20, 5
setup-title = 设置本聊天
setup-in-private = 我们到私聊里设置，那里没有别人看到密钥：请打开私聊。
setup-form-relay = 图像服务（留空：按地址识别）
setup-form-url = 地址（留空：用常用地址）
setup-form-key = API 密钥（留空：不变）
setup-form-key-kept = API 密钥（留空：{ $hint }）
setup-form-budget = 每月上限：本聊天, 每位成员（20, 5；off）
setup-form-language = 语言
setup-ask-relay = 用哪个图像服务？请选择，或发来它的地址；“保持不变”则沿用现在付费的密钥。
setup-ask-url = 请发来它的地址，例如 https://relay.example。
setup-ask-key = 请发来 API 密钥；我会不花钱地试一试，并删掉你的消息。
setup-ask-budget = 本聊天每月可以花多少？请选择，或发来美元金额。
setup-ask-share = 其中每位成员可以花多少？请选择，或发来美元金额。
setup-ask-language = 我在那里说哪种语言？
setup-key-works = 密钥 { $hint } 可用。
setup-kept = 还没有更改任何设置，你填写的内容已保留。
setup-left = 保持原样；什么都没有改。
setup-done = 设置好了，聊天里也已告知。
setup-done-untold = 设置好了；但我没能在聊天里发言，请在那里用 /why 查看原因。
setup-told =
    { $name } 设置好了本聊天：
    由 { $payer } 付费；每月最多：本聊天 { $budget }，每位成员 { $share }。
    用 /imagine 加上想看的画面开始；/rules 说明这里的规则，/setup 可以更改设置。
button-setup-again = 继续
button-setup-leave = 放弃
button-setup-back = 返回
button-setup-guess = 我知道地址
button-setup-usual = 常用地址
button-setup-chat = 回到聊天
button-setup-keep = 保持不变
button-setup-no-cap = 不设上限
audit-setup = 设置了本聊天（密钥 { $hint }，每月本聊天 { $budget }，每位成员 { $share }）
error-setup-over = 那一步已经结束；什么都没有改，/setup 可以重新开始。
error-setup-relay = 我不认识这个图像服务；请从 { $allowed } 里选择，或按地址识别；什么都没有改。
error-setup-key = 换图像服务需要它的密钥；什么都没有改。
error-setup-key-early = 这看起来像密钥，我已删掉那条消息，什么也没有保存，也没有改动；请先回答下面的问题。
error-setup-money = “{ $value }”不是金额；请发 20 或 2.50 这样的数，或用 off 表示不设上限；什么都没有改。
command-pool = 把自己的密钥借给本聊天用（有上限），查看用量，随时收回
option-day = 每天最多：美元金额，或 "off"
option-month = 每月最多：美元金额，或 "off"
pool-title = 成员借给本聊天的密钥（本聊天自己的额度用完时使用；出借人自己的请求先用自己的）：
pool-empty = 还没有人把密钥借给本聊天。借来的密钥在本聊天自己的额度用完时使用，出借人自己的请求先用自己的。
pool-line = { $name }{ $hint ->
    [none] {""}
   *[other] （{ $hint }）
  }：今天 { $day }（上限 { $day_cap }），本月 { $month }（上限 { $month_cap }）
pool-kept = 密钥 { $hint } 可用，已借给该聊天：每天最多 { $day }，每月最多 { $month }。在那里用 /pool 查看用量，用 /pool forget 立即收回。
pool-taken-back = 密钥已收回；还在等它的任务已结束，没有为此扣费。
pool-in-private = 密钥绝不要发在群里：请打开私聊，在那里发送。
button-pool-add = 借出密钥
button-pool-forget = 收回我的
form-pool = 把密钥借给本聊天
form-pool-month = 每月最多多少美元
balance-lent-key = { $name } 借出的密钥
balance-pool = 用此密钥：今天已用 { $spent_day }，剩余 { $day }；本月已用 { $spent_month }，剩余 { $month }
audit-pool-removed = 移走了 { $name } 借出的密钥 { $hint }
error-file-gone = 该文件只保留一天；请重新获取。
error-pool-gone = 成员借出的密钥已被收回；没有扣费，请再试一次，若还有别的密钥会由它付费。
error-pool-nothing = 本聊天的密钥池里没有这个密钥；/pool 可以查看现有的。
error-pool-invitation = 这个借出密钥的邀请无效；请在要借给的聊天里用 /pool，并点开其中的链接。
error-pool-address = 只有管理员可以借出带自定义地址的密钥，因为大家的提示词都会发到那里；什么都没有保存，请去掉 --url。
### 行内模式：在 Easel 不在的对话里说的话
draft-title = 画这个
button-paint = 开始画
error-draft-others = 只有发出这句话的人才能让它变成图片；没有花费。
error-draft-stranger = 请先打开与我的私聊并按“开始”：图片要经由那里送达；没有花费。
### 被带进一个聊天
welcome = 大家好，我是 Easel：发送 /imagine 雪中的狐狸 就会得到这样一张图片，/help 介绍其他功能。
welcome-served = 管理员可用 /setup 设定限额和规则。
### 你的数据，交给你
command-export = 以文件取回 Easel 为你保存的一切：你的请求和图片
option-after = 跳过最近的多少个请求
export-nothing = Easel 没有保存你的任何内容。
export-on-its-way = 会发到我们的私聊里。
export-parcel = 你的 { $requests } 个请求和 { $pictures } 张图片；其中的 requests.json 说明每一个请求。太大而未能装入的在那里列出名字：用 /show 可取回。
export-jams = 你在 { $jams } 次共同作画中写的内容。
button-export = 更早的
error-export-alone = 你的数据只给你本人：请打开与我的私聊，在那里发送 /export。

### 谁花了多少
command-usage = 本月谁花了多少；管理员还可取得表格
option-when = 月份，例如 2026-11；前面加 "csv" 则给出表格
usage-title = { $month } 共花费：{ $total }
usage-line = { $name }：{ $amount } · { $count } 次请求
usage-others = 另外 { $count } 人
usage-forgotten = 已被遗忘的人
usage-nothing = { $month } 在这里没有花费。
usage-table = { $month } 每天谁花了多少，以美元计。
button-usage-csv = 表格（CSV）
### 只给一个人看
option-only-me = “on”：别人看不到这张图片
error-only-me = 要单独回复你，请先打开与我的私聊并按“开始”；没有花费。

### 沙盒写在图片上的文字
sandbox-label = 沙盒
sandbox-note = 由 Easel 自行绘制，没有调用任何图像服务
sandbox-no-font = （本机缺少其中部分字符的字体）
