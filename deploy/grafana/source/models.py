"""The models' dashboard: what they say, whether it drifts, and whether forecasts come true."""

from __future__ import annotations

from deploy.grafana.source.panels import Board, Panel, Query, Row, Text

MODELS = Board(
    "models",
    Text("Mapsi · Models and drift", "맵시 · 모델과 변화"),
    Text("A model that gives one answer to everything, and photos that change, show here.",
         "모든 사진에 같은 답을 하는 모델과 달라지는 사진이 여기에 드러납니다."),
    (
        Row(
            Text("Answers", "답의 분포"),
            (
                Panel(
                    Text("Is it fashion?", "패션 사진인가"),
                    Text("Shares of the last hour. One line at 100 %: the classifier collapsed, or a "
                         "source brings but one kind.",
                         "최근 한 시간의 비율입니다. 한쪽이 100%면 분류기가 망가졌거나 출처가 한 종류뿐입니다."),
                    (Query("answer:mapsi_fashion:ratio_rate1h", "{{answer}}"),),
                    unit="percentunit", kind="stacked", top=1,
                ),
                Panel(
                    Text("Categories of garments", "옷의 종류"),
                    Text("Shares of the last hour.", "최근 한 시간의 비율입니다."),
                    (Query("category:mapsi_garments:ratio_rate1h", "{{category}}"),),
                    unit="percentunit", kind="stacked", top=1,
                ),
                Panel(
                    Text("Colours of garments", "옷의 색"),
                    Text("Dominant basic colour; shares of the last hour.", "주된 기본색의 최근 한 시간 비율입니다."),
                    (Query("color:mapsi_garment_colors:ratio_rate1h", "{{color}}"),),
                    unit="percentunit", kind="stacked", top=1,
                ),
                Panel(
                    Text("Styles", "스타일"),
                    Text("Most probable style; unknown alone: the style probe does not fit the classifier.",
                         "가장 그럴듯한 스타일입니다. unknown뿐이면 스타일 모델이 분류기와 맞지 않습니다."),
                    (Query("style:mapsi_styles:ratio_rate1h", "{{style}}"),),
                    unit="percentunit", kind="stacked", top=1,
                ),
                Panel(
                    Text("Patterns in an hour", "한 시간 동안의 무늬"),
                    Text("Garments by pattern.", "무늬별 옷의 수입니다."),
                    (Query("sum by (pattern) (increase(mapsi_garment_patterns_total[1h]))", "{{pattern}}"),),
                    kind="stacked",
                ),
                Panel(
                    Text("Garments a photo", "사진당 옷의 수"),
                    Text("Of the last hour; falls where the segmenter goes blind.",
                         "최근 한 시간 기준이며, 분할 모델이 옷을 못 찾으면 떨어집니다."),
                    (Query('sum(increase(mapsi_garments_total[1h])) / (sum(increase(mapsi_photos_total{stage="segmentation",outcome="done"}[1h])) > 0)'),),
                ),
            ),
        ),
        Row(
            Text("Drift and forecasts", "분포 변화와 예측"),
            (
                Panel(
                    Text("Drift of the last week (PSI)", "지난주의 분포 변화(PSI)"),
                    Text("Below 0.1 nothing to see, above 0.25 look at it. No data: too few looks.",
                         "0.1 아래는 정상, 0.25 위는 확인이 필요합니다. 데이터가 없으면 룩이 부족합니다."),
                    (Query("max by (what) (mapsi_drift_psi)", "{{what}}"),),
                    warn=0.1, alarm=0.25,
                ),
                Panel(
                    Text("Error of forecasts that came due", "기한이 된 예측의 오차"),
                    Text("Divided by the seasonal naive forecast's: below 1 is better than it.",
                         "단순 계절 예측의 오차로 나눈 값이며 1보다 작으면 더 낫습니다."),
                    (Query("max by (weeks) (mapsi_forecast_error_ratio)", "{{weeks}}"),),
                    alarm=1.2,
                ),
                Panel(
                    Text("Coverage of 80 % intervals", "80% 구간의 적중률"),
                    Text("Should be about 0.8.", "0.8 근처여야 합니다."),
                    (Query("max by (weeks) (mapsi_forecast_coverage_ratio)", "{{weeks}}"),),
                    unit="percentunit", top=1,
                ),
                Panel(
                    Text("Models at work", "사용 중인 모델"),
                    Text("One version of each, but for minutes of an upgrade.",
                         "교체하는 몇 분 말고는 모델마다 버전이 하나여야 합니다."),
                    (Query("count by (model, version) (mapsi_model_info)", "{{model}} {{version}}"),),
                    kind="stacked",
                ),
            ),
        ),
    ),
    hours=24,
)  # fmt: skip
