"""The pipeline's dashboard: queues, tasks, stages, sources."""

from __future__ import annotations

from deploy.grafana.source.panels import Board, Panel, Query, Row, Text

PIPELINE = Board(
    "pipeline",
    Text("Mapsi · Pipeline", "맵시 · 처리 흐름"),
    Text("Where photos are on their way, how fast, and what fails.",
         "사진이 어디까지 왔고 얼마나 빠른지, 무엇이 실패하는지 봅니다."),
    (
        Row(
            Text("Queues", "큐"),
            (
                Panel(
                    Text("Messages waiting", "기다리는 메시지"),
                    Text("One message carries up to 32 photos.", "메시지 하나에 사진이 최대 32장 있습니다."),
                    (Query("queue:mapsi_queue_length:max", "{{queue}}"),),
                    kind="stacked",
                ),
                Panel(
                    Text("Age of the oldest message", "가장 오래된 메시지의 나이"),
                    Text("More workers are started by it.", "이 값을 보고 작업자를 늘립니다."),
                    (Query("queue:mapsi_queue_oldest_seconds:max", "{{queue}}"),),
                    unit="s", alarm=3600,
                ),
                Panel(
                    Text("Messages in workers' hands", "작업 중인 메시지"),
                    Text("At work, waiting for the next try, or held by a dead worker.",
                         "처리 중이거나 재시도를 기다리거나, 죽은 작업자가 쥐고 있습니다."),
                    (Query("max by (queue) (mapsi_queue_in_hand)", "{{queue}}"),),
                    kind="stacked",
                ),
                Panel(
                    Text("Messages published a second", "초당 발행 메시지"),
                    Text("By schema.", "스키마별입니다."),
                    (Query("sum by (schema) (rate(mapsi_messages_total[$__rate_interval]))", "{{schema}}"),),
                    unit="ops",
                ),
            ),
        ),
        Row(
            Text("Tasks", "작업"),
            (
                Panel(
                    Text("Tasks a second", "초당 작업"),
                    Text("By queue.", "큐별입니다."),
                    (Query("queue:mapsi_tasks:rate5m", "{{queue}}"),),
                    unit="ops",
                ),
                Panel(
                    Text("Seconds of a task, 95th percentile", "작업 시간(95백분위)"),
                    Text("Of the task alone, without the stages that followed in the same worker.",
                         "같은 작업자가 이어서 한 단계는 뺀 시간입니다."),
                    (Query("histogram_quantile(0.95, sum by (le, task) (rate(mapsi_task_seconds_bucket[$__rate_interval])))", "{{task}}"),),
                    unit="s",
                ),
                Panel(
                    Text("Workers at work", "일하고 있는 작업자 수"),
                    Text("Averages of some minutes. In Kubernetes this starts and stops workers, beside what waits; compare with how many there are.",
                         "몇 분 동안의 평균입니다. 쿠버네티스에서는 대기 메시지와 함께 이 값을 보고 작업자를 늘리고 줄입니다. 전체 작업자 수와 비교해 보세요."),
                    (Query("sum by (queue) (rate(mapsi_busy_seconds_total[$__rate_interval]))", "{{queue}}"),),
                    kind="stacked",
                ),
                Panel(
                    Text("Tasks that end badly", "나쁘게 끝난 작업의 비율"),
                    Text("permanent, error, dropped; of a quarter of an hour.",
                         "permanent, error, dropped의 비율이며 15분 기준입니다."),
                    (Query("task:mapsi_tasks_bad:ratio_rate15m", "{{task}}"),),
                    unit="percentunit", alarm=0.05, top=1,
                ),
                Panel(
                    Text("Errors a minute, by reason", "이유별 분당 오류"),
                    Text("Reasons of Mapsi's own errors; bug: any other.",
                         "맵시 오류의 이유입니다. bug는 그 밖의 오류입니다."),
                    (Query("60 * sum by (task, reason) (rate(mapsi_errors_total[$__rate_interval])) or vector(0)", "{{task}}: {{reason}}"),),
                ),
            ),
        ),
        Row(
            Text("Photos", "사진"),
            (
                Panel(
                    Text("From announcement to end", "알림부터 끝까지"),
                    Text("Half of the photos, and 19 of 20, take no longer.",
                         "사진의 절반과 20장 중 19장이 이 시간 안에 끝납니다."),
                    (
                        Query("histogram_quantile(0.5, sum by (le) (rate(mapsi_photo_seconds_bucket[$__rate_interval])))", Text("half", "절반")),
                        Query("histogram_quantile(0.95, sum by (le) (rate(mapsi_photo_seconds_bucket[$__rate_interval])))", Text("19 of 20", "20장 중 19장")),
                    ),
                    unit="s",
                ),
                Panel(
                    Text("Time at a stage, 95th percentile", "단계에 머문 시간(95백분위)"),
                    Text("With the wait in its queue.", "큐에서 기다린 시간을 포함합니다."),
                    (Query("histogram_quantile(0.95, sum by (le, stage) (rate(mapsi_stage_seconds_bucket[$__rate_interval])))", "{{stage}}"),),
                    unit="s",
                ),
                Panel(
                    Text("Photos that fail at a stage", "단계별 실패 비율"),
                    Text("At ingestion: what people send and is no photo.",
                         "수집 단계의 실패는 사진이 아닌 파일이 들어온 것입니다."),
                    (Query("stage:mapsi_photos_failed:ratio_rate15m", "{{stage}}"),),
                    unit="percentunit", alarm=0.05, top=1,
                ),
                Panel(
                    Text("Photos by state", "상태별 사진 수"),
                    Text("buried: given up after several tries.", "buried는 여러 번 시도한 뒤 포기한 사진입니다."),
                    (Query("state:mapsi_photos_state:max", "{{state}}"),),
                ),
            ),
        ),
        Row(
            Text("Sources on a schedule", "예약 수집"),
            (
                Panel(
                    Text("Pages asked for in an hour", "한 시간 동안 요청한 페이지"),
                    Text("By how they ended.", "결과별입니다."),
                    (Query("sum by (source, outcome) (increase(mapsi_source_calls_total[1h]))", "{{source}}: {{outcome}}"),),
                ),
                Panel(
                    Text("Photos of sources in an hour", "한 시간 동안 출처에서 온 사진"),
                    Text("What was found, taken and refused.", "찾은 것, 받은 것, 거부한 것입니다."),
                    (Query("sum by (source, outcome) (increase(mapsi_source_items_total[1h]))", "{{source}}: {{outcome}}"),),
                ),
                Panel(
                    Text("New hashtags still allowed", "더 물어볼 수 있는 새 해시태그"),
                    Text("Of sources with a quota, in their 7 days.", "할당량이 있는 출처의 7일 기준입니다."),
                    (Query("max by (source) (mapsi_source_quota_remaining)", "{{source}}"),),
                ),
            ),
        ),
    ),
)  # fmt: skip
