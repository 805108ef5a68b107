{{- define "fuquan.postgres" -}}
{{- if .Values.postgres.enabled }}{{ .Release.Name }}-postgres-rw{{ else }}{{ required "set postgres.host, or postgres.enabled" .Values.postgres.host }}{{ end -}}
{{- end }}

{{- define "fuquan.rabbitmq" -}}
{{- if .Values.rabbitmq.enabled }}{{ .Release.Name }}-rabbitmq{{ else }}{{ required "set rabbitmq.host, or rabbitmq.enabled" .Values.rabbitmq.host }}{{ end -}}
{{- end }}

{{- /* Every node by its own name, as the Cluster Operator names them: processes go to the next when one is away. */ -}}
{{- define "fuquan.brokers" -}}
{{- $port := ternary 5671 5672 .Values.rabbitmq.tls.enabled }}
{{- if .Values.rabbitmq.enabled }}
{{- $full := include "fuquan.rabbitmq" . }}
{{- range $i := until (int .Values.rabbitmq.replicas) }}{{ if $i }},{{ end }}{{ $full }}-server-{{ $i }}.{{ $full }}-nodes:{{ $port }}{{ end }}
{{- else }}{{ include "fuquan.rabbitmq" . }}:{{ $port }}{{ end -}}
{{- end }}

{{- /* Takes a dict: root, name. */ -}}
{{- define "fuquan.selector" -}}
app.kubernetes.io/name: fuquan
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .name }}
{{- end }}

{{- define "fuquan.labels" -}}
{{ include "fuquan.selector" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
{{- end }}

{{- define "fuquan.podSecurity" -}}
runAsNonRoot: true
runAsUser: 10001
runAsGroup: 10001
fsGroup: 10001
seccompProfile: {type: RuntimeDefault}
{{- end }}

{{- define "fuquan.security" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: {drop: [ALL]}
{{- end }}

{{- define "fuquan.image" -}}
{{ .root.Values.image.repository }}-{{ .name }}:{{ .root.Values.image.tag }}
{{- end }}
