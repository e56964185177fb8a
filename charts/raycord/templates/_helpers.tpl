{{- define "raycord.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{/* Cut so that "-0" and a revision hash of the StatefulSet's pods still fit a label. */}}
{{- define "raycord.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 50 | trimSuffix "-" -}}
{{- else if contains (include "raycord.name" .) .Release.Name -}}
{{- .Release.Name | trunc 50 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name (include "raycord.name" .) | trunc 50 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "raycord.selector" -}}
app.kubernetes.io/name: {{ include "raycord.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "raycord.labels" -}}
{{ include "raycord.selector" . }}
app.kubernetes.io/component: {{ .Values.componentOverride }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- with .Values.labels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "raycord.serviceAccount" -}}
{{- if .Values.serviceAccount.create -}}
{{- default (include "raycord.fullname" .) .Values.serviceAccount.name -}}
{{- else -}}
{{- default "default" .Values.serviceAccount.name -}}
{{- end -}}
{{- end -}}

{{/* The watched namespaces, separated by commas; empty: all. */}}
{{- define "raycord.namespaces" -}}
{{- if and .Values.singleNamespaceInstall (not .Values.watchNamespace) -}}
{{- .Release.Namespace -}}
{{- else -}}
{{- join "," .Values.watchNamespace -}}
{{- end -}}
{{- end -}}

{{/* Values of KubeRay's chart that ask for what Raycord does not do. */}}
{{- define "raycord.check" -}}
{{- $values := .Values -}}
{{- if ne (int $values.replicas) 1 -}}
{{- fail "replicas must be 1: the log belongs to one process" -}}
{{- end -}}
{{- if hasSuffix "kuberay/operator" $values.image.repository -}}
{{- fail (printf "image.repository is %s, which is KubeRay's operator" $values.image.repository) -}}
{{- end -}}
{{- with $values.batchScheduler -}}
{{- if or .enabled (and .name (ne .name "default")) -}}
{{- fail "batchScheduler: Raycord knows only the default scheduler; set schedulerName in the pod templates" -}}
{{- end -}}
{{- end -}}
{{- with $values.configuration -}}
{{- if .enabled -}}
{{- fail "configuration.enabled: Raycord reads no configuration file; set what pods need in the pod templates" -}}
{{- end -}}
{{- end -}}
{{- if or $values.logging.baseDir $values.logging.fileName -}}
{{- fail "logging.baseDir and logging.fileName: Raycord writes its lines to standard error, and to no file" -}}
{{- end -}}
{{- end -}}

{{/* Values of KubeRay's chart that are set and change nothing. */}}
{{- define "raycord.ignored" -}}
{{- $ignored := list -}}
{{- range list "featureGates" "reconcileConcurrency" "kubeClient" "operatorCommand" -}}
{{- if index $.Values . -}}
{{- $ignored = append $ignored . -}}
{{- end -}}
{{- end -}}
{{- join ", " $ignored -}}
{{- end -}}

{{/* What the operator does; docs/operating.md has it as a table, by scripts/chart_tables.py. */}}
{{- define "raycord.rules" -}}
- apiGroups: [ray.io]
  resources: [rayservices]
  verbs: [get, list, watch, patch]
- apiGroups: [ray.io]
  resources: [rayclusters]
  verbs: [get, list, watch, create, patch, delete]
- apiGroups: [ray.io]
  resources: [rayservices/status, rayclusters/status]
  verbs: [patch]
# Owner references that hold back the deletion of their owner.
- apiGroups: [ray.io]
  resources: [rayservices/finalizers, rayclusters/finalizers]
  verbs: [update]
- apiGroups: [""]
  resources: [pods, services]
  verbs: [get, list, watch, create, patch, delete]
# For the Role of Ray's autoscaler, which cannot be granted more than the operator has.
- apiGroups: [""]
  resources: [pods/resize]
  verbs: [patch]
{{- if .Values.useKubernetesProxy }}
# Only with --use-kubernetes-proxy.
- apiGroups: [""]
  resources: [pods/proxy, services/proxy]
  verbs: [get, update]
{{- end }}
- apiGroups: [discovery.k8s.io]
  resources: [endpointslices]
  verbs: [get, list, watch]
# Of Ray's autoscaler.
- apiGroups: [""]
  resources: [serviceaccounts]
  verbs: [get, list, watch, create]
# Of Ray's autoscaler.
- apiGroups: [rbac.authorization.k8s.io]
  resources: [roles, rolebindings]
  verbs: [get, list, watch, create]
# Tokens of Ray clusters, one by one.
- apiGroups: [""]
  resources: [secrets]
  verbs: [get, create]
# Clean-up of Redis after a fault tolerant RayCluster.
- apiGroups: [batch]
  resources: [jobs]
  verbs: [get, list, watch, create]
# To dashboards.
- apiGroups: [networking.k8s.io]
  resources: [ingresses]
  verbs: [get, list, watch, create, patch]
# Traffic in incremental upgrades.
- apiGroups: [gateway.networking.k8s.io]
  resources: [gateways, httproutes]
  verbs: [get, list, watch, create, patch, delete]
- apiGroups: [events.k8s.io]
  resources: [events]
  verbs: [create]
{{- end -}}
