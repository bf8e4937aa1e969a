"""The first dashboard: is all well, and if not, where to look."""

from __future__ import annotations

from deploy.grafana.source.panels import Board, Panel, Query, Row, Text

OVERVIEW = Board(
    "overview",
    Text("Mapsi · Overview", "맵시 · 한눈에"),
    Text("Is all well? Where not, the other dashboards say more.",
         "모두 정상인지 봅니다. 문제가 있으면 다른 대시보드에서 자세히 보세요."),
    (
        Row(
            Text("Now", "지금"),
            (
                Panel(
                    Text("Alerts that fire", "울리는 경보"),
                    Text("0 on a good day. docs/runbooks says what each means.",
                         "평소에는 0입니다. 뜻은 docs/runbooks에 있습니다."),
                    (Query('count(ALERTS{alertstate="firing"}) or vector(0)'),),
                    kind="number", width=4, warn=1, alarm=3,
                ),
                Panel(
                    Text("Photos waiting", "처리 대기 사진"),
                    Text("Photos between ingestion and trends.", "수집과 집계 사이에 있는 사진입니다."),
                    (Query('max(mapsi_photos_state{state="waiting"})'),),
                    kind="number", width=4,
                ),
                Panel(
                    Text("Oldest photo waits", "가장 오래 기다린 사진"),
                    Text("Since it was announced last.", "마지막으로 알린 때부터 센 시간입니다."),
                    (Query("max(mapsi_photos_oldest_pending_seconds)"),),
                    unit="s", kind="number", width=4, warn=1800, alarm=3600,
                ),
                Panel(
                    Text("Photos buried", "포기한 사진"),
                    Text("No worker finished them; `mapsi retry --buried` tries again.",
                         "끝내 처리하지 못한 사진입니다. `mapsi retry --buried`로 다시 시도합니다."),
                    (Query('max(mapsi_photos_state{state="buried"})'),),
                    kind="number", width=4, warn=1, alarm=100,
                ),
                Panel(
                    Text("Looks waiting", "그리기 대기"),
                    Text("Looks that wait for who draws.", "그려지기를 기다리는 룩입니다."),
                    (Query("sum(max by (priority) (mapsi_looks_waiting))"),),
                    kind="number", width=4, warn=20,
                ),
                Panel(
                    Text("Requests answered by 5xx", "5xx 응답 비율"),
                    Text("Of the last five minutes; the promise is 0.5 %.",
                         "최근 5분 기준입니다. 목표는 0.5%입니다."),
                    (Query("mapsi:http_errors:ratio_rate5m"),),
                    unit="percentunit", kind="number", width=4, warn=0.005, alarm=0.03,
                ),
            ),
        ),
        Row(
            Text("Flow", "흐름"),
            (
                Panel(
                    Text("Photos a second, by stage", "단계별 초당 사진 수"),
                    Text("A stage below the others holds all up.",
                         "다른 단계보다 낮은 단계가 전체를 늦춥니다."),
                    (Query('sum by (stage) (rate(mapsi_photos_total{outcome="done"}[$__rate_interval]))', "{{stage}}"),),
                    unit="ops",
                ),
                Panel(
                    Text("Age of the oldest message", "큐에서 가장 오래된 메시지"),
                    Text("Which service needs another worker.", "작업자가 더 필요한 서비스를 알려 줍니다."),
                    (Query("queue:mapsi_queue_oldest_seconds:max", "{{queue}}"),),
                    unit="s", alarm=3600,
                ),
                Panel(
                    Text("Processes", "프로세스"),
                    Text("Living processes by what they run.", "실행 중인 프로세스 수입니다."),
                    (Query("sum by (process) (mapsi_processes)", "{{process}}"),),
                    kind="stacked",
                ),
                Panel(
                    Text("Photos by state", "상태별 사진 수"),
                    Text("All that are in the ledger.", "원장에 있는 모든 사진입니다."),
                    (Query("state:mapsi_photos_state:max", "{{state}}"),),
                ),
            ),
        ),
        Row(
            Text("Sources and backups", "출처와 백업"),
            (
                Panel(
                    Text("Photos found by source", "출처별로 찾은 사진"),
                    Text("In the last hour, on a schedule.", "최근 한 시간 동안 예약 수집한 사진입니다."),
                    (Query('sum by (source) (increase(mapsi_source_items_total{outcome="found"}[1h]))', "{{source}}"),),
                ),
                Panel(
                    Text("Sources paused", "멈춘 출처"),
                    Text("1 while a source rests or its token was refused.",
                         "쉬고 있거나 토큰이 거부된 출처는 1입니다."),
                    (Query("max by (source) (mapsi_source_paused)", "{{source}}"),),
                    width=6,
                ),
                Panel(
                    Text("Since the last backup", "마지막 백업 후 지난 시간"),
                    Text("No data: no backup was ever made.", "데이터가 없으면 백업한 적이 없는 것입니다."),
                    (Query("time() - max(mapsi_backup_last_success_timestamp_seconds)"),),
                    unit="s", kind="number", width=6, warn=90000, alarm=108000,
                ),
            ),
        ),
    ),
)  # fmt: skip
